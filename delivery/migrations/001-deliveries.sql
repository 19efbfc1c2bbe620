-- Copies of the restaurants, as far as deliveries need them. A row without a name is one that a delivery waits for.
CREATE TABLE restaurants (
  id      uuid PRIMARY KEY,
  name    text,
  address json
);

-- One row an order. Its facts come from different services in any order, so each may be missing for a while.
CREATE TABLE deliveries (
  id            uuid PRIMARY KEY,
  restaurant_id uuid,
  deliver_to    json,
  deliver_at    timestamptz,
  ready_by      timestamptz,
  cancelled     boolean NOT NULL DEFAULT false,
  courier_id    uuid
) WITH (fillfactor = 70);

-- Finds the deliveries that wait for a restaurant; only what has no courier yet can.
CREATE INDEX deliveries_unscheduled ON deliveries (restaurant_id) WHERE courier_id IS NULL AND NOT cancelled;

CREATE TABLE couriers (
  id               uuid PRIMARY KEY,
  available        boolean NOT NULL,
  last_assigned_at timestamptz NOT NULL DEFAULT '-infinity'
) WITH (fillfactor = 70);

-- The available couriers, who waited longest first.
CREATE INDEX couriers_in_turn ON couriers (last_assigned_at) WHERE available;

-- The couriers' plans. No foreign key to couriers: checking it would lock the one row that many deliveries may share.
CREATE TABLE courier_actions (
  delivery_id uuid NOT NULL REFERENCES deliveries,
  type        text NOT NULL CHECK (type IN ('PICKUP', 'DROPOFF')),
  courier_id  uuid NOT NULL,
  address     json NOT NULL,
  time        timestamptz NOT NULL,
  PRIMARY KEY (delivery_id, type)
);
CREATE INDEX courier_actions_plan ON courier_actions (courier_id, time);
