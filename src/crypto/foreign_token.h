/*
 * foreign_token.h: signatures of tokens of other issuers.
 */
#ifndef UD_CRYPTO_FOREIGN_TOKEN_H
#define UD_CRYPTO_FOREIGN_TOKEN_H

/*
 * ud_foreign_token_is_signed tells whether a token was signed with the private key that belongs to
 * a public one, and by an algorithm.
 *
 * token: a compact token that is known to be well-formed; it ends in a zero byte that length does
 * not count. algorithm: RS256 to RS512 or ES256 to ES512, as the token and the key say. pem: the
 * public key.
 *
 * Errors: 0A000 where the library userdir_jwt is missing; 53200 without memory; UD040 when libjwt
 * cannot read the token; 54000 when it is too long.
 */
extern bool ud_foreign_token_is_signed(const char *token, size_t length, const char *algorithm,
									   const char *pem);

#endif
