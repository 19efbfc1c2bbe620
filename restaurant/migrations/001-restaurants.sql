-- The restaurants. The version counts a restaurant's published events: 1 when it is created, one more with each menu.
CREATE TABLE restaurants (
  id      uuid PRIMARY KEY,
  name    text NOT NULL,
  address json NOT NULL,
  version integer NOT NULL
);

-- What is on each restaurant's menu, in the restaurant's order. Prices are cents.
CREATE TABLE menu_items (
  restaurant_id uuid NOT NULL REFERENCES restaurants (id),
  position      integer NOT NULL,
  item_id       text NOT NULL,
  name          text NOT NULL,
  price         integer NOT NULL CHECK (price >= 0),
  PRIMARY KEY (restaurant_id, position),
  UNIQUE (restaurant_id, item_id)
);
