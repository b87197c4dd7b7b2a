/*
 * jwt_split.c: the compact form of a JSON web signature (RFC 7515, section 3.1), taken apart.
 */
#include "pure/jwt_split.h"

/* find_dot returns the first dot, or NULL. */
static const char *
find_dot(const char *begin, const char *end)
{
	return begin < end ? memchr(begin, '.', (size_t)(end - begin)) : NULL;
}

UdJwtFault
ud_jwt_split(UdSpan token, UdJwtParts *parts)
{
	const char *end = token.data + token.length;
	const char *first;
	const char *second;

	if (token.length > UD_JWT_MAX_LENGTH)
		return UD_JWT_TOO_LONG;
	first = find_dot(token.data, end);
	second = first != NULL ? find_dot(first + 1, end) : NULL;
	if (second == NULL || find_dot(second + 1, end) != NULL)
		return UD_JWT_NOT_THREE_PARTS;

	parts->header = (UdSpan){token.data, (size_t)(first - token.data)};
	parts->payload = (UdSpan){first + 1, (size_t)(second - first - 1)};
	parts->signature = (UdSpan){second + 1, (size_t)(end - second - 1)};
	parts->signed_part = (UdSpan){token.data, (size_t)(second - token.data)};
	if (parts->header.length == 0 || parts->payload.length == 0 || parts->signature.length == 0)
		return UD_JWT_EMPTY_PART;
	return parts->header.length > UD_JWT_MAX_HEADER_LENGTH ? UD_JWT_LONG_HEADER : UD_JWT_FINE;
}

const char *
ud_jwt_fault_text(UdJwtFault fault)
{
	static const char *const texts[] = {
		[UD_JWT_FINE] = "is fine",
		[UD_JWT_TOO_LONG] = "is longer than 64 kB",
		[UD_JWT_NOT_THREE_PARTS] = "has not three parts with dots between them",
		[UD_JWT_EMPTY_PART] = "has an empty part",
		[UD_JWT_LONG_HEADER] = "has a header that is longer than 4 kB",
	};

	return texts[fault];
}
