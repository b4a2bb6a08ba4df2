/** The most levels of nested values in anything that callers pass, so that no walk over it overflows the stack. Engines have limits of their own. */
export const MAX_LEVELS = 1000;

/** The most levels of a filter. MongoDB accepts commands of 180 levels, and a level of a filter takes two. */
export const MAX_FILTER_LEVELS = 64;

/** The most levels of `include`: each level waits for the one before it. */
export const MAX_INCLUDE_LEVELS = 64;
