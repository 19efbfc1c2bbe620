-- Copies of the restaurants, as far as the kitchen needs them: the newest menu that is known of each.
CREATE TABLE restaurants (
  id           uuid PRIMARY KEY,
  menu         json NOT NULL,
  menu_version integer NOT NULL
);
