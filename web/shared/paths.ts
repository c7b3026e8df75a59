// The drawing of every icon: a path on a 16 px grid. Each stands by itself, so that a page takes
// only those it shows.
export const chat =
  "M2.5 4.5a2 2 0 0 1 2-2h7a2 2 0 0 1 2 2v5a2 2 0 0 1-2 2H7l-3.5 2.7v-2.8a2 2 0 0 1-1-1.7z";
export const close = "m4 4 8 8m0-8-8 8";
export const down = "m4 6 4 4 4-4";
export const more = "M3.5 8h.01M8 8h.01M12.5 8h.01";
export const send = "M8 13V3M3.5 7.5 8 3l4.5 4.5";
export const back = "M10 3.5 5.5 8l4.5 4.5";
export const forward = "m6 3.5 4.5 4.5L6 12.5";
export const arrow = "M3 8h10M9 4l4 4-4 4";
export const people =
  "M6 7.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM1.5 13.5c0-2.5 2-4 4.5-4s4.5 1.5 4.5 4M11 2.8a2.5 2.5 0 0 1 0 4.5M12.5 9.9c1.3.6 2 1.9 2 3.6";
export const sent = "m3 8.5 3.2 3.2L13 5";
export const delivered = "m1.5 8.5 3 3L10 6m-2.5 4.7.9.8L14.5 6";
export const check = "m3.5 8.5 3 3 6-7";
export const expand = "M9.5 2.5h4v4m0-4-4.5 4.5M6.5 13.5h-4v-4m0 4L7 9";
export const shrink = "M13 7H9V3m0 4 4.5-4.5M3 9h4v4M7 9l-4.5 4.5";
export const cloudOff =
  "M2 2l12 12M5.3 5.3A3.5 3.5 0 0 0 4 12h7.5M7.6 3.6A3.6 3.6 0 0 1 11.5 7a2.5 2.5 0 0 1 2.1 3.8";
export const plus = "M8 3v10M3 8h10";
export const search = "M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zm3.3-1.2 3.2 3.2";
export const reload = "M13 5.5A5.5 5.5 0 1 0 13.5 9M13.5 2.5v3.2h-3.2";
export const bell =
  "M4 7a4 4 0 0 1 8 0c0 3 1.5 4 1.5 4h-11S4 10 4 7zm2.7 6.2a1.5 1.5 0 0 0 2.6 0";
export const clock = "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 5v3.2l2 1.3";
export const lock =
  "M4.5 7V5.5a3.5 3.5 0 0 1 7 0V7a1.5 1.5 0 0 1 1.5 1.5v4a1.5 1.5 0 0 1-1.5 1.5h-7A1.5 1.5 0 0 1 3 12.5v-4A1.5 1.5 0 0 1 4.5 7zm1.7 0h3.6V5.5a1.8 1.8 0 0 0-3.6 0z";
export const available =
  "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1zm3.9 5.4-4.5 4.6a.9.9 0 0 1-1.3 0L4.1 9a.9.9 0 0 1 1.3-1.2l1.4 1.3 3.8-3.9a.9.9 0 0 1 1.3 1.2z";
export const busy =
  "M4.5 1.5h7a3 3 0 0 1 3 3v7a3 3 0 0 1-3 3h-7a3 3 0 0 1-3-3v-7a3 3 0 0 1 3-3zm.5 5.6a.9.9 0 0 0 0 1.8h6a.9.9 0 0 0 0-1.8z";
export const idle =
  "M6.2 1.3a.7.7 0 0 1 .8.9 5.5 5.5 0 0 0 6.8 6.8.7.7 0 0 1 .9.8A7 7 0 1 1 6.2 1.3z";
export const rona =
  "M6.7 2.2a1.5 1.5 0 0 1 2.6 0l5.5 9.8a1.5 1.5 0 0 1-1.3 2.2h-11A1.5 1.5 0 0 1 1.2 12zM8 5a.9.9 0 0 0-.9.9v3a.9.9 0 0 0 1.8 0v-3A.9.9 0 0 0 8 5zm0 5.6a1 1 0 1 0 0 2 1 1 0 0 0 0-2z";
export const offline = "M8 13.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11z";
