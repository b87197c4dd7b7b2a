/*
 * judge.h: what libjwt says of a token's signature.
 *
 * libjwt cannot be linked into the server's process: libjansson, on which it stands, exports
 * json_object() as the server does, and would call the server's. So this is a library of its own,
 * userdir_jwt, of plain C: nothing of the server is in it, nothing is thrown, and nothing that it
 * allocates outlives a call. crypto/foreign_token.c loads it and says how.
 *
 * libjwt takes the algorithm from the token, skips characters of a signature that do not belong
 * there, checks neither curve nor time, and copies a token to the stack. It is asked here about one
 * thing, the signature, of tokens that are known to be well-formed and short.
 */
#ifndef UD_FOREIGN_JUDGE_H
#define UD_FOREIGN_JUDGE_H

#include <stddef.h>

/* Longer tokens are not shown to libjwt: it would copy them to the stack. */
#define UD_JUDGE_MAX_TOKEN (64 * 1024)

/* The name of the library's one function. */
#define UD_JUDGE_FUNCTION "ud_judge_token"

/* UD_JUDGE_VALID, or why libjwt does not call the signature right. */
typedef enum UdJudgement
{
	UD_JUDGE_VALID,
	UD_JUDGE_WRONG,      /* by another key, of another text, or of another algorithm */
	UD_JUDGE_UNREADABLE, /* what libjwt does not take for a token, whatever its signature */
	UD_JUDGE_TOO_LONG,
	UD_JUDGE_UNKNOWN_ALGORITHM, /* one that libjwt does not know, or that has no public key */
	UD_JUDGE_NO_MEMORY
} UdJudgement;

typedef UdJudgement UdJudge(const char *token, size_t token_length, const char *algorithm,
							const char *pem, size_t pem_length);

/*
 * ud_judge_token lets libjwt check the signature of a compact token.
 *
 * token: ends in a zero byte, which token_length does not count. algorithm: the only one that the
 * token may have, as in RS256. pem: the public key, not a private one.
 */
extern UdJudge ud_judge_token;

#endif
