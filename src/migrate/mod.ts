/**
 * Migrations: files that a person can read, made from models and applied
 * under a lock.
 *
 * @module
 */
export {};
