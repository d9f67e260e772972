"""The event hub of the emulator (protocol 8).

A client connects to `socket_app`, which answers the handshake and starts a `client` for
the WebSocket. `packets` parses and writes its packets; `event` checks the events in
them. `router` holds the connections and their subscriptions and delivers each event to
those whose `expressions` match. `hub` is the public client in process; its
subscriptions are `listener` objects. At the end of a transaction `update_data` builds
the event of its changes, with `ancestry` for the parents of an entity and `legacy` for
the internal names of types and attributes.
"""
