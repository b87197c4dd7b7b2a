/*
 * fuzz_phc.c: whatever is read as a PHC string prints as it was, and base64 comes back the same.
 */
#include "fuzz.h"
#include "pure/base64.h"
#include "pure/hex.h"
#include "pure/phc.h"

/* check_base64 decodes, encodes and decodes again. */
static void
check_base64(const char *text, size_t length)
{
	uint8_t *bytes = malloc(UD_BASE64_DECODED_SIZE(length) + 1);
	size_t decoded;

	if (ud_base64_decode(text, length, bytes, &decoded))
	{
		char *again = malloc(UD_BASE64_SIZE(decoded));
		uint8_t *bytes_again = malloc(decoded + 3);
		size_t decoded_again;
		size_t written = ud_base64_encode(bytes, decoded, again);

		DEMAND(written <= length);
		DEMAND(ud_base64_decode(again, written, bytes_again, &decoded_again));
		DEMAND(decoded_again == decoded && memcmp(bytes, bytes_again, decoded) == 0);
		free(again);
		free(bytes_again);
	}
	if (ud_hex_decode(text, length, bytes))
	{
		char *again = malloc(length + 1);

		ud_hex_encode(bytes, length / 2, again);
		for (size_t i = 0; i < length; i++)
			DEMAND((again[i] | 0x20) == (text[i] | 0x20));
		free(again);
	}
	free(bytes);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	UdPhc phc;

	if (ud_phc_parse(text, size, &phc) == NULL)
	{
		char *printed = malloc(size + 1);
		uint32_t number;

		DEMAND(ud_phc_print(&phc, printed, size + 1) == size);
		DEMAND(memcmp(printed, text, size) == 0);
		for (int i = 0; i < phc.parameter_count; i++)
			ud_phc_decimal(phc.parameters[i].value, &number);
		check_base64(phc.salt.data, phc.salt.length);
		check_base64(phc.hash.data, phc.hash.length);
		free(printed);
	}
	check_base64(text, size);
	return 0;
}
