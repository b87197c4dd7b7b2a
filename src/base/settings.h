/*
 * settings.h: the configuration parameters under the prefix "userdir".
 */
#ifndef UD_BASE_SETTINGS_H
#define UD_BASE_SETTINGS_H

/* Bounds of the parameters below. Every hash that they allow must be one that can be verified. */
#define UD_CUSTOM_DATABASE_MAX_CONCURRENT 1024
#define UD_PASSWORD_MAX_CONCURRENT        1024
#define UD_PASSWORD_MIN_MEMORY_KB         7168
#define UD_PASSWORD_MAX_MEMORY_KB         (128 * 1024)
#define UD_PASSWORD_MAX_PASSES            16

extern int ud_custom_database_max_concurrent; /* actions of one connection at the same time */
extern int ud_custom_database_timeout_ms;     /* how long one may take */
extern int ud_metadata_max_depth;        /* levels of nesting in user_metadata and app_metadata */
extern int ud_metadata_max_size_kb;      /* size of each of them, kB */
extern int ud_password_max_concurrent;   /* hashes at the same time; 0: as many as processors */
extern int ud_password_memory_kb;        /* cost of hashing a password, kB */
extern int ud_password_passes;           /* passes over it */
extern int ud_password_queue_timeout_ms; /* how long a password waits for its turn */
extern int ud_payload_max_depth;         /* levels of nesting in a provider's payload */
extern int ud_payload_max_size_kb;       /* size of a provider's payload, kB */
extern int ud_query_max_depth;           /* levels of parentheses and operators in a query */
extern int ud_query_max_nodes;           /* conditions and operators in a query */
extern int ud_query_max_size_kb;         /* size of a query, kB */
extern int ud_query_max_wildcards;       /* "*" and "?" in all patterns of a query */
extern char *ud_roles_claim;             /* name of the claim that lists the roles */
extern char *ud_root_key_command;        /* what prints the root keys; "": they are in a file */
extern char *ud_root_key_file;           /* where they are; "": in the data directory */
extern int ud_rules_timeout_ms;          /* how long the rules of a stage may take; 0: for ever */
extern bool ud_trust_request_claims;     /* whether request.jwt.claims tells who is acting */

/* ud_settings_define declares the parameters to the server; called once, by _PG_init. */
extern void ud_settings_define(void);

#endif
