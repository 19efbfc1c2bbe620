-- One row an order, from the order's events in any order. Each part has the version of the event that it is from; what OrderCreated brings is
-- missing until it comes, and an order without created_at is not shown.
CREATE TABLE orders (
  id              uuid PRIMARY KEY,
  consumer_id     uuid,
  restaurant_id   uuid,
  restaurant_name text,
  created_at      timestamptz,
  -- Words of the restaurant's and the items' names, in lower case.
  keywords        text[],
  status          text NOT NULL,
  status_version  integer NOT NULL,
  -- Cents.
  total           bigint,
  total_version   integer NOT NULL DEFAULT 0
) WITH (fillfactor = 70);

-- No index has the status or the total in it, so that changing them (the common change) touches no index at all.
CREATE INDEX orders_newest ON orders (created_at DESC, id DESC);
CREATE INDEX orders_newest_of_consumer ON orders (consumer_id, created_at DESC, id DESC);
CREATE INDEX orders_keywords ON orders USING gin (keywords);

-- An item of which only a revised quantity is known has no name yet and is not shown. No foreign key: one statement writes an order and its items, and the check
-- would look every item's order up once more.
CREATE TABLE order_items (
  order_id         uuid NOT NULL,
  menu_item_id     text NOT NULL,
  position         integer,
  name             text,
  -- Cents.
  price            integer,
  quantity         integer NOT NULL,
  quantity_version integer NOT NULL,
  PRIMARY KEY (order_id, menu_item_id)
) WITH (fillfactor = 80);
