/** A new id for anything that the fleet makes: UUID v7, so that ids grow with time and index pages stay warm. */
export { v7 as newId } from 'uuid';
