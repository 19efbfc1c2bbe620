/** The text with the passwords of the URLs in it blotted out: drivers put connection strings into their errors. */
export const withoutPasswords = (text: string): string =>
  text.replace(/([a-z][a-z0-9+.-]*:\/\/[^\s:@/]*:)[^\s@]+@/gi, '$1***@');
