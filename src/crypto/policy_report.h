/*
 * policy_report.h: what a policy says of a password, rule by rule, in the hosted service's shape:
 *
 *     {"rules": [{"code": "lengthAtLeast", "message": "At least %d characters in length",
 *                 "format": [8], "verified": true}, ...], "verified": true}
 *
 * A rule about classes of characters has "items", one for each class.
 */
#ifndef UD_CRYPTO_POLICY_REPORT_H
#define UD_CRYPTO_POLICY_REPORT_H

#include "utils/jsonb.h"

#include "pure/password_policy.h"

typedef struct UdPolicyReport
{
	JsonbParseState *state;
	bool verified;
} UdPolicyReport;

/* ud_policy_report_begin begins a report in the current memory context. */
extern void ud_policy_report_begin(UdPolicyReport *report);

/* ud_policy_report_policy adds the rules of a policy. */
extern void ud_policy_report_policy(UdPolicyReport *report, const UdPasswordPolicy *policy,
									const UdPasswordMeasures *measures);

/* ud_policy_report_rule adds a rule; number stands for the %d in its message, 0 for none. */
extern void ud_policy_report_rule(UdPolicyReport *report, const char *code, const char *message,
								  int number, bool verified);

/* ud_policy_report_end returns the report. */
extern Jsonb *ud_policy_report_end(UdPolicyReport *report);

#endif
