/**
 * The address of a mirror. It comes to stand in apt's list of sources, where a blank or a bracket begins something else, such
 * as `[trusted=yes]`, and on command lines, where a dash would: man 5 sources.list, "THE DEB AND DEB-SRC TYPES: GENERAL
 * FORMAT" and "URI SPECIFICATION".
 */
export const MIRROR = /^(https?|file|copy):\/\/[A-Za-z0-9._~:/@%+,=-]+$/

export const MIRROR_HINT = 'an address such as https://mirror.example/debian (http, https, file or copy, without blanks and brackets)'
