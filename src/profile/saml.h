/*
 * saml.h: SAML assertions as flat claims.
 */
#ifndef UD_PROFILE_SAML_H
#define UD_PROFILE_SAML_H

#include "utils/jsonb.h"

/*
 * ud_saml_flatten returns the claims of an assertion as one object.
 *
 * answer is an object with "attributes": an object of names to values, or an array of objects with
 * "name" (SAML 1.1: "namespace" too) and "values". One value becomes a scalar, several an array,
 * none nothing. nameID becomes the nameidentifier claim and authnContextClassRef the
 * authenticationmethod claim; other members stay. What is flat already stays as it is.
 */
extern Jsonb *ud_saml_flatten(Jsonb *answer);

#endif
