/*
 * openssl_context.c: OpenSSL in a library context of our own.
 */
#include "base/userdir.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/provider.h>

#include "crypto/openssl_context.h"

OSSL_LIB_CTX *
ud_openssl_context(void)
{
	static OSSL_LIB_CTX *context = NULL;

	if (context == NULL)
	{
		context = OSSL_LIB_CTX_new();
		if (context != NULL)
		{
			OSSL_PROVIDER_load(context, "default");
			OSSL_PROVIDER_load(context, "legacy");
			ERR_clear_error();
		}
	}
	return context;
}
