/*
 * authenticate.c: becoming somebody, and nobody again.
 */
#include "base/userdir.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "base/directory.h"
#include "base/settings.h"
#include "base/statement.h"
#include "crypto/jwt.h"
#include "crypto/jwt_header.h"
#include "crypto/secret.h"
#include "crypto/secret_log.h"
#include "login/identity_state.h"

/*
 * refuse_here raises where the identity has to stay as it is: while parallel workers run, who know
 * nothing of a change, and in what somebody else's index, view or the like does inside of a command
 * such as REFRESH MATERIALIZED VIEW, which may not reach out into the session.
 */
static void
refuse_here(void)
{
	if (IsInParallelMode())
		ereport(ERROR, (errcode(ERRCODE_INVALID_TRANSACTION_STATE),
						errmsg("the identity cannot change during a parallel operation")));
	if (InSecurityRestrictedOperation())
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("the identity cannot change within a security-restricted operation")));
}

/*
 * check_typ refuses tokens that say that they are for something else, such as a logout token.
 * Access tokens are of type JWT or, in the profile of RFC 9068, at+jwt.
 */
static void
check_typ(Jsonb *header)
{
	static const char *const accepted[] = {"JWT", "at+jwt", "application/at+jwt"};
	JsonbValue typ;

	if (getKeyJsonValueFromContainer(&header->root, "typ", strlen("typ"), &typ) == NULL)
		return;
	for (int i = 0; typ.type == jbvString && i < lengthof(accepted); i++)
	{
		if (typ.val.string.len == strlen(accepted[i]) &&
			pg_strncasecmp(typ.val.string.val, accepted[i], typ.val.string.len) == 0)
			return;
	}
	ereport(ERROR,
			(errcode(UD_ERR_TOKEN_TYPE), errmsg("the token is of a type that identifies nobody"),
			 errdetail("Its typ is %s, and neither \"JWT\" nor \"at+jwt\".",
					   ud_jwt_header_show_typ(
						   (UdSpan){typ.val.string.val, (size_t)typ.val.string.len}))));
}

/* verify_token returns the claims of a token that holds. */
static Jsonb *
verify_token(Datum token, const char *audience)
{
	UdJwtExpectation expected = {.audience = audience, .any_typ = true, .wants_header = true};
	UdSecret secret;
	UdJwt jwt;

	ud_secret_open(token, &secret);
	PG_TRY();
	{
		jwt = ud_jwt_verify((const char *)secret.typed, secret.typed_length, &expected);
	}
	PG_FINALLY();
	{
		ud_secret_close(&secret);
	}
	PG_END_TRY();
	check_typ(jwt.header);
	return jwt.claims;
}

/*
 * issuer_of_directory returns what the directory calls itself in tokens, NULL when it has no name.
 */
static char *
issuer_of_directory(void)
{
	static UdStatement statement = {"SELECT d.issuer FROM userdir.directory d", 0, {0}, true, NULL};
	Oid caller;
	int context;
	Datum issuer;
	bool is_null = true;

	GetUserIdAndSecContext(&caller, &context);
	SetUserIdAndSecContext(ud_directory_owner(), context | SECURITY_LOCAL_USERID_CHANGE);
	ud_directory_check_data();
	ud_statement_fetch_newest(&statement, NULL, &issuer, &is_null, 1);
	SetUserIdAndSecContext(caller, context);
	return is_null ? NULL : TextDatumGetCString(issuer);
}

/*
 * check_issuer refuses tokens by which the directory did not speak in its present name: of another
 * one that it had, and those that its keys have signed for some other purpose. Where it has no name
 * the key decides alone.
 */
static void
check_issuer(const Jsonb *claims)
{
	char *issuer = issuer_of_directory();
	JsonbValue value;

	if (issuer == NULL ||
		(getKeyJsonValueFromContainer(unconstify(JsonbContainer *, &claims->root), "iss",
									  strlen("iss"), &value) != NULL &&
		 value.type == jbvString &&
		 ud_span_is((UdSpan){value.val.string.val, (size_t)value.val.string.len}, issuer)))
		return;
	ereport(ERROR,
			(errcode(UD_ERR_TOKEN_ISSUER), errmsg("the token is not by this directory"),
			 errdetail("Its claim \"iss\" is not \"%s\", which set_issuer() has set.", issuer)));
}

/* require_claim raises unless an identity has a claim that other tokens may do without. */
static void
require_claim(const UdIdentity *identity, const char *name)
{
	JsonbValue value;

	if (!ud_identity_claim(identity, name, strlen(name), &value) || value.type == jbvNull)
		ereport(ERROR,
				(errcode(UD_ERR_TOKEN_MALFORMED), errmsg("the token has no claim \"%s\"", name),
				 errdetail("An identity needs to know who it is, and until when.")));
}

/* become verifies a token and makes its user the one who acts. Result: the user, NULL for nobody.
 */
static const UdIdentity *
become(FunctionCallInfo fcinfo)
{
	bool for_session = !PG_ARGISNULL(2) && PG_GETARG_BOOL(2);
	char *audience = PG_ARGISNULL(1) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(1));
	UdIdentity *identity = NULL;

	if (!PG_ARGISNULL(0))
	{
		Jsonb *claims = verify_token(PG_GETARG_DATUM(0), audience);

		check_issuer(claims);
		identity = ud_identity_make(claims, ud_roles_claim);
		require_claim(identity, "sub");
		require_claim(identity, "exp");
	}
	ud_identity_state_set(identity, for_session);
	return identity;
}

UD_FUNCTION(userdir_authenticate);

/*
 * userdir_authenticate makes the user of a token the one who acts, in this transaction or this
 * session. Arguments: the token, null for nobody; the audience that it has to be for, null for any;
 * whether the identity is to outlast the transaction. Result: the user's id.
 *
 * Errors: those of ud_jwt_verify; UD044 where the directory has an issuer and the token does not
 * name it; UD046 for a token of another type; UD040 without claims "sub" and "exp"; after these
 * nobody acts, whoever did before. 25000 during a parallel operation, 42501 in a
 * security-restricted one; these leave the identity as it is.
 */
Datum
userdir_authenticate(PG_FUNCTION_ARGS)
{
	ErrorContextCallback frame;
	const UdIdentity *identity;

	refuse_here();
	ud_secret_log_hide(&frame);
	PG_TRY();
	{
		identity = become(fcinfo);
	}
	PG_CATCH();
	{
		ud_identity_state_forget();
		PG_RE_THROW();
	}
	PG_END_TRY();
	ud_secret_log_show(&frame);

	if (identity == NULL)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(PointerGetDatum(pg_detoast_datum_copy((struct varlena *)identity->user_id)));
}

UD_FUNCTION(userdir_clear_identity);

/*
 * userdir_clear_identity forgets who is acting. Errors: 25000 during a parallel operation, 42501 in
 * a security-restricted one.
 */
Datum
userdir_clear_identity(PG_FUNCTION_ARGS)
{
	refuse_here();
	ud_identity_state_forget();
	PG_RETURN_VOID();
}
