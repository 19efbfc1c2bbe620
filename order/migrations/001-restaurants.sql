-- Copies of the restaurants, as far as orders need them. The name is missing while only a revision of the menu is known.
CREATE TABLE restaurants (
  id           uuid PRIMARY KEY,
  name         text,
  menu         json NOT NULL,
  menu_version integer NOT NULL
);
