/*
 * attempts_settings.c: how attempts are counted, and when they end in a block.
 */
#include "base/userdir.h"

#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"

#include "base/statement.h"
#include "login/attempts_key.h"
#include "login/attempts_settings.h"

static UdStatement read_settings = {
	"SELECT p.salt, p.brute_force_protection, p.suspicious_ip_throttling,"
	" p.breached_password_detection"
	" FROM userdir.attack_protection p"};

static void
pg_attribute_noreturn() raise_damaged(const char *name)
{
	ereport(ERROR, (errcode(ERRCODE_DATA_CORRUPTED),
					errmsg("the setting \"%s\" of userdir.attack_protection is damaged", name),
					errhint("Write settings with userdir.update_attack_protection().")));
}

/* setting returns a setting, which must be of some type. */
static JsonbValue
setting(JsonbContainer *settings, const char *name, enum jbvType type)
{
	JsonbValue value;

	if (!JsonContainerIsObject(settings) ||
		getKeyJsonValueFromContainer(settings, name, (int)strlen(name), &value) == NULL ||
		value.type != type)
		raise_damaged(name);
	return value;
}

static bool
boolean_setting(JsonbContainer *settings, const char *name)
{
	return setting(settings, name, jbvBool).val.boolean;
}

static double
number_setting(JsonbContainer *settings, const char *name)
{
	Numeric number = setting(settings, name, jbvNumeric).val.numeric;

	return DatumGetFloat8(DirectFunctionCall1(numeric_float8, NumericGetDatum(number)));
}

/* container_setting returns a setting that is an array or an object. */
static JsonbContainer *
container_setting(JsonbContainer *settings, const char *name)
{
	return setting(settings, name, jbvBinary).val.binary.data;
}

/* list_setting returns a setting that is an array. */
static JsonbContainer *
list_setting(JsonbContainer *settings, const char *name)
{
	JsonbContainer *list = container_setting(settings, name);

	if (!JsonContainerIsArray(list))
		raise_damaged(name);
	return list;
}

static bool
is_word(const JsonbValue *value, const char *word)
{
	return value->val.string.len == (int)strlen(word) &&
		   memcmp(value->val.string.val, word, strlen(word)) == 0;
}

/* has_word tells whether a setting that is an array of strings holds some word. */
static bool
has_word(JsonbContainer *settings, const char *name, char *word)
{
	JsonbValue wanted;

	wanted.type = jbvString;
	wanted.val.string.val = word;
	wanted.val.string.len = (int)strlen(word);
	return findJsonbValueFromContainer(list_setting(settings, name), JB_FARRAY, &wanted) != NULL;
}

/* whole_address returns an address without the network mask that may stand beside it. */
static inet *
whole_address(inet *ip)
{
	inet *address = palloc(VARSIZE_ANY_EXHDR(ip) + VARHDRSZ);

	SET_VARSIZE(address, VARSIZE_ANY_EXHDR(ip) + VARHDRSZ);
	memcpy(VARDATA(address), VARDATA_ANY(ip), VARSIZE_ANY_EXHDR(ip));
	ip_bits(address) = ip_maxbits(address);
	return ud_attempts_key_plain(address);
}

/* is_let_through tells whether an address is in the list of addresses and networks of settings. */
static bool
is_let_through(JsonbContainer *settings, inet *ip)
{
	JsonbContainer *list = list_setting(settings, "allowlist");
	inet *address;

	if (ip == NULL || JsonContainerSize(list) == 0)
		return false;
	address = whole_address(ip);
	for (uint32 i = 0; i < JsonContainerSize(list); i++)
	{
		JsonbValue *entry = getIthJsonbValueFromContainer(list, i);
		char *text;
		Datum network;

		if (entry->type != jbvString)
			raise_damaged("allowlist");
		text = pnstrdup(entry->val.string.val, entry->val.string.len);
		network = DirectFunctionCall1(inet_in, CStringGetDatum(text));
		network = InetPGetDatum(ud_attempts_key_plain(DatumGetInetPP(network)));
		if (DatumGetBool(DirectFunctionCall2(network_subeq, InetPGetDatum(address), network)))
			return true;
	}
	return false;
}

/* limit_of returns a limit whose number stands in a part of the settings. */
static UdAttemptLimit
limit_of(JsonbContainer *settings, JsonbContainer *part, inet *ip)
{
	UdAttemptLimit limit;

	limit.counts = boolean_setting(settings, "enabled") && !is_let_through(settings, ip);
	limit.blocks = has_word(settings, "shields", "block");
	limit.most = number_setting(part, "max_attempts");
	return limit;
}

UdAttemptSettings
ud_attempts_settings_read(UdAttemptStage stage, inet *ip)
{
	UdAttemptSettings settings = {0};
	JsonbContainer *brute;
	JsonbContainer *throttle;
	JsonbContainer *of_stage;
	JsonbValue mode;
	Datum values[4];
	bool nulls[4];

	if (!ud_statement_fetch(&read_settings, NULL, values, nulls, 4))
		ereport(ERROR, (errcode(ERRCODE_NO_DATA_FOUND),
						errmsg("userdir.attack_protection holds no settings"),
						errhint("Run \"SELECT userdir.install();\".")));
	settings.salt = DatumGetByteaPP(values[0]);
	brute = &DatumGetJsonbP(values[1])->root;
	throttle = &DatumGetJsonbP(values[2])->root;

	mode = setting(brute, "mode", jbvString);
	settings.of_address_too = !is_word(&mode, "count_per_identifier");
	settings.identifier = limit_of(brute, brute, ip);
	settings.identifier.counts &= stage != UD_STAGE_SIGNUP;

	of_stage = container_setting(container_setting(throttle, "stage"),
								 stage == UD_STAGE_SIGNUP ? "pre-user-registration" : "pre-login");
	settings.address = limit_of(throttle, of_stage, ip);
	settings.address.counts &= ip != NULL && stage != UD_STAGE_ACCOUNT;
	settings.rate_ms = number_setting(of_stage, "rate");
	settings.detects_breaches = boolean_setting(&DatumGetJsonbP(values[3])->root, "enabled");
	return settings;
}
