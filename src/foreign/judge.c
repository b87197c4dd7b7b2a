/*
 * judge.c: what libjwt says of a token's signature. This file alone makes up the library
 * userdir_jwt; it must not include anything of the server.
 */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include <jwt.h>

#include "foreign/judge.h"

#define EXPORT __attribute__((visibility("default")))

/*
 * find_algorithm returns libjwt's number for an algorithm of public keys. The others would make a
 * public key, which everybody knows, the secret of an HMAC.
 */
static jwt_alg_t
find_algorithm(const char *name)
{
	if (strncmp(name, "RS", 2) != 0 && strncmp(name, "ES", 2) != 0)
		return JWT_ALG_INVAL;
	return jwt_str_alg(name);
}

/* is_readable tells whether libjwt reads a token, without a look at its signature. */
static UdJudgement
is_readable(const char *token)
{
	jwt_t *read = NULL;
	int error = jwt_decode(&read, token, NULL, 0);

	jwt_free(read);
	if (error == ENOMEM)
		return UD_JUDGE_NO_MEMORY;
	return error == 0 ? UD_JUDGE_VALID : UD_JUDGE_UNREADABLE;
}

EXPORT UdJudgement
ud_judge_token(const char *token, size_t token_length, const char *algorithm, const char *pem,
			   size_t pem_length)
{
	const jwt_alg_t expected = find_algorithm(algorithm);
	UdJudgement judgement;
	jwt_t *verified = NULL;
	int error;

	if (token_length > UD_JUDGE_MAX_TOKEN)
		return UD_JUDGE_TOO_LONG;
	if (expected == JWT_ALG_INVAL)
		return UD_JUDGE_UNKNOWN_ALGORITHM;
	/* Without a key libjwt calls every token right. */
	if (pem == NULL || pem_length == 0 || pem_length > INT_MAX)
		return UD_JUDGE_WRONG;
	if (strlen(token) != token_length)
		return UD_JUDGE_UNREADABLE;

	judgement = is_readable(token);
	if (judgement != UD_JUDGE_VALID)
		return judgement;

	error = jwt_decode(&verified, token, (const unsigned char *)pem, (int)pem_length);
	if (error == ENOMEM)
		judgement = UD_JUDGE_NO_MEMORY;
	else if (error != 0 || jwt_get_alg(verified) != expected)
		judgement = UD_JUDGE_WRONG;
	jwt_free(verified);
	return judgement;
}
