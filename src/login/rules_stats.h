/*
 * rules_stats.h: how often each rule was called, how long it took, and how it failed last.
 *
 * When the library is preloaded, the figures are in shared memory and those of all sessions since
 * the start of the server; otherwise they are those of this session.
 */
#ifndef UD_LOGIN_RULES_STATS_H
#define UD_LOGIN_RULES_STATS_H

#include "datatype/timestamp.h"

/* Those that are used least recently give way to further ones. */
#define UD_RULES_STATS_COUNT   256

#define UD_RULES_STATS_MESSAGE 256

/* The figures of one rule. */
typedef struct UdRuleStats
{
	Oid database;
	Oid trigger; /* invalid: the place is free */
	uint64 calls;
	uint64 failures;
	uint64 microseconds;
	TimestampTz called_at;
	TimestampTz failed_at; /* 0: never */
	int sqlstate;          /* of the last failure */
	char message[UD_RULES_STATS_MESSAGE];
} UdRuleStats;

/* ud_rules_stats_preload asks for shared memory, while shared_preload_libraries are loaded. */
extern void ud_rules_stats_preload(void);

/*
 * ud_rules_stats_count counts a call of a rule of this database. sqlstate: 0 when it ended well;
 * message: of the error.
 */
extern void ud_rules_stats_count(Oid trigger, uint64 microseconds, int sqlstate,
								 const char *message);

/* ud_rules_stats_find copies the figures of a rule. Result: false when there are none. */
extern bool ud_rules_stats_find(Oid trigger, UdRuleStats *found);

#endif
