/*
 * password_policy.h: the rules that a password's characters must keep.
 *
 * A password is measured once; each rule compares one of the measures. Characters are Unicode's
 * code points. An empty password keeps no rule at all.
 */
#ifndef UD_PURE_PASSWORD_POLICY_H
#define UD_PURE_PASSWORD_POLICY_H

#include <stdbool.h>
#include <stddef.h>

/* Classes of characters, all of them ASCII; a set of them is their sum. */
#define UD_PASSWORD_LOWER 1
#define UD_PASSWORD_UPPER 2
#define UD_PASSWORD_DIGIT 4
#define UD_PASSWORD_SPECIAL                                                                        \
	8 /* a blank, or what is neither letter, digit nor control character                           \
	   */
#define UD_PASSWORD_CLASSES 4

/* The rules, in the order in which they are reported. */
typedef enum UdPasswordRule
{
	UD_RULE_LENGTH,            /* at least so many characters */
	UD_RULE_CONTAINS,          /* a character of each class of a set */
	UD_RULE_CONTAINS_AT_LEAST, /* characters of so many classes of a set */
	UD_RULE_IDENTICAL,         /* no longer row of the same character */
	UD_RULE_SEQUENTIAL,        /* no longer row of letters or digits that follow each other */
	UD_RULE_MAX_BYTES          /* no more bytes */
} UdPasswordRule;

#define UD_RULE_COUNT 6

/* What the rules demand; a rule whose number is 0 is not part of the policy. */
typedef struct UdPasswordPolicy
{
	int min_length;
	unsigned classes;
	int min_classes; /* of classes; 0: all of them */
	int max_identical;
	int max_sequential; /* upwards or downwards: "abc" and "cba" are rows of 3, "aba" is not */
	int max_bytes;
} UdPasswordPolicy;

typedef struct UdPasswordMeasures
{
	size_t bytes;
	size_t characters;
	unsigned classes;      /* those of which it has a character */
	size_t longest_same;   /* row of the same character */
	size_t longest_series; /* row of letters or digits that follow each other */
} UdPasswordMeasures;

/*
 * ud_password_policy_level finds the policy of a level by its name: none, low, fair, good or
 * excellent. Returns whether there is one.
 */
extern bool ud_password_policy_level(const char *name, size_t length, UdPasswordPolicy *policy);

/* ud_password_policy_measure measures a password in UTF-8; bytes that are none count one by one. */
extern UdPasswordMeasures ud_password_policy_measure(const char *password, size_t length);

/* ud_password_policy_has returns whether a rule is part of a policy. */
extern bool ud_password_policy_has(const UdPasswordPolicy *policy, UdPasswordRule rule);

/* ud_password_policy_keeps returns whether a password keeps a rule of a policy. */
extern bool ud_password_policy_keeps(const UdPasswordPolicy *policy, UdPasswordRule rule,
									 const UdPasswordMeasures *measures);

/* ud_password_policy_count_classes returns how many classes a set has. */
extern int ud_password_policy_count_classes(unsigned classes);

#endif
