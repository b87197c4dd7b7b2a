/*
 * attempts_state.h: how many failed attempts stand against a key, and how that number fades.
 */
#ifndef UD_LOGIN_ATTEMPTS_STATE_H
#define UD_LOGIN_ATTEMPTS_STATE_H

#include "datatype/timestamp.h"

/* What is counted. The numbers stand in a file that outlives the server's process. */
typedef enum UdAttemptKind
{
	UD_ATTEMPT_NONE = 0,          /* a free place in the table */
	UD_ATTEMPT_IDENTIFIER_IP = 1, /* failed logins of an identifier from an address */
	UD_ATTEMPT_IDENTIFIER = 2,    /* failed logins of an identifier from anywhere */
	UD_ATTEMPT_LOGIN_IP = 3,      /* failed logins from an address */
	UD_ATTEMPT_SIGNUP_IP = 4,     /* sign-ups from an address */
	UD_ATTEMPT_CLEARED_MARK = 5   /* all of an identifier's attempts were forgotten */
} UdAttemptKind;

/* Whose attempts. It is hashed and compared as bytes, so it has no padding. */
typedef struct UdAttemptKey
{
	Oid database;
	uint8 kind;        /* UdAttemptKind */
	uint8 family;      /* 4, 6, or 0 where no address belongs to the key */
	uint8 reserved[2]; /* zero */
	uint8 who[16];     /* hash of directory, connection and identifier */
	uint8 address[16]; /* in network order, zero behind its end */
} UdAttemptKey;

/*
 * How many attempts. A level fades by one in every interval of its rate, or, without a rate, stays
 * whole until it expires.
 */
typedef struct UdAttemptState
{
	double level; /* at the time of counted_at */
	TimestampTz counted_at;
	TimestampTz expires_at; /* from then on nothing is left of it */
} UdAttemptState;

/* How attempts of a kind are counted: by the directory's settings. */
typedef struct UdAttemptRule
{
	double rate_ms;     /* interval in which one attempt fades; 0: none does */
	double ceiling;     /* the level does not grow above it */
	double lifetime_ms; /* without a rate: how long after the last attempt all are forgotten */
} UdAttemptRule;

/* ud_attempts_state_level returns what is left of a state at some time. */
extern double ud_attempts_state_level(const UdAttemptState *state, double rate_ms, TimestampTz now);

/* ud_attempts_state_add counts one attempt; *before and *after get the level around it. */
extern void ud_attempts_state_add(UdAttemptState *state, const UdAttemptRule *rule, TimestampTz now,
								  double *before, double *after);

#endif
