# The rules of passwords against those of the hosted service: its own packages for npm judge the same
# passwords under the same options, and the whole reports have to be equal.
#
# The packages are installed by npm into a scratch directory. Without npm, or without a registry that
# it can reach, the test skips itself and says so.
#
# They count UTF-16 units where userdir counts code points; so the passwords compared are of the
# basic plane, where both are the same, and of characters that NFKC leaves alone. The difference
# elsewhere is what the last tests are about.
use strict;
use warnings;
use IPC::Run ();
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my @packages = ('auth0-password-policies@3.1.0', 'password-sheriff@2.0.0');
my $scratch = PostgreSQL::Test::Utils::tempdir;

sub skip_loudly
{
	my ($reason) = @_;
	diag("*** SKIPPED: $reason ***");
	plan skip_all => $reason;
}

# run_quietly runs a command with its output in a file of the scratch directory; false if it fails
# or is not there.
sub run_quietly
{
	my (@command) = @_;
	local $ENV{HOME} = $scratch;
	return eval { IPC::Run::run(\@command, '<', \undef, '&>', "$scratch/command.log") };
}

skip_loudly('there is no npm') unless run_quietly('npm', '--version') && run_quietly('node', '--version');
skip_loudly('npm could not install ' . join(' and ', @packages))
  unless run_quietly('npm', 'install', '--prefix', $scratch, '--no-audit', '--no-fund', '--ignore-scripts',
	'--loglevel=error', '--fetch-retries=1', @packages);

my $json = JSON::PP->new->utf8->canonical->allow_nonref;

# Judges each line of a file: {"id", "options", "password"} becomes {"id", "report", "text"} or
# {"id", "error"}.
my $judge = <<'JS';
const fs = require('fs');
const { PasswordPolicy } = require('password-sheriff');
const levels = require('auth0-password-policies');

function rulesOf(options) {
  if (options.password_options) {
    // userdir refuses the empty password in every case; here it has to be said.
    return levels.createRulesFromOptions({ min_length: 1, ...options.password_options.complexity });
  }
  const rules = { ...levels[options.passwordPolicy || 'none'] };
  const minLength = (options.password_complexity_options || {}).min_length;
  if (minLength !== undefined) rules.length = { minLength };
  return rules;
}

const answers = fs.readFileSync(process.argv[2], 'utf8').split('\n').filter((line) => line).map((line) => {
  const { id, options, password } = JSON.parse(line);
  try {
    const policy = new PasswordPolicy(rulesOf(options));
    return { id, report: policy.missing(password), text: policy.toString(), check: policy.check(password) };
  } catch (error) {
    return { id, error: error.message };
  }
});
fs.writeFileSync(process.argv[3], answers.map((answer) => JSON.stringify(answer)).join('\n') + '\n');
JS
append_to_file("$scratch/judge.js", $judge);

# write_lines writes values as lines of JSON.
sub write_lines
{
	my ($file, @values) = @_;
	open my $out, '>:raw', $file or die "$file: $!";
	print $out $json->encode($_), "\n" for @values;
	close $out or die "$file: $!";
	return;
}

sub pick { return $_[ int rand @_ ] }

my @alphabets = (
	['a' .. 'z'],
	['A' .. 'Z'],
	[0 .. 9],
	[map { chr } 0x20 .. 0x2F, 0x3A .. 0x40, 0x5B .. 0x60, 0x7B .. 0x7E],
	[map { chr } 0x01 .. 0x1F, 0x7F],
	# Latin, Greek, Cyrillic, Arabic digits, Devanagari, CJK, signs: of the basic plane, unchanged by NFKC
	[map { chr } 0xE4, 0xC9, 0xDF, 0xF1, 0x3B1, 0x3A9, 0x3C2, 0x436, 0x42F, 0x661, 0x665, 0x967, 0x4E2D, 0x6587, 0x3042, 0x20AC, 0x2603],
);

# make_password makes one of pieces: single characters, rows of one, series up or down, a mirror.
sub make_password
{
	my $length = pick(0, 1 .. 14, 1 .. 14, 1 .. 14, 34 .. 38, 70 .. 75);
	my $password = '';
	my @mine = map { pick(@alphabets) } 1 .. pick(1, 1, 2, 3, 6);
	while (length $password < $length)
	{
		my $kind = pick(qw(single single single single row series mirror));
		my $character = pick(@{ pick(@mine) });
		if    ($kind eq 'row')    { $password .= $character x pick(2, 2, 3, 4) }
		elsif ($kind eq 'series') { my $step = pick(1, -1); $password .= join '', map { chr((ord($character) + $step * $_) || 1) } grep { ord($character) + $step * $_ > 0 } 0 .. pick(1, 1, 2, 3) }
		elsif ($kind eq 'mirror') { $password .= reverse substr $password, -3 }
		else                      { $password .= $character }
	}
	return substr $password, 0, $length;
}

# make_options makes options of either form that are valid.
sub make_options
{
	my %options;
	if (rand() < 0.5)
	{
		$options{passwordPolicy} = pick(qw(none low fair good excellent)) if rand() < 0.95;
		$options{password_complexity_options} = { min_length => 0 + pick(1 .. 16, 36, 72, 128) } if rand() < 0.4;
		return \%options;
	}
	my %complexity;
	my @types = grep { rand() < 0.6 } qw(uppercase special lowercase number);
	$complexity{min_length} = 0 + pick(1 .. 16, 36, 72) if rand() < 0.7;
	$complexity{character_types} = \@types if rand() < 0.8;
	$complexity{character_type_rule} = 'all' if rand() < 0.3;
	if (rand() < 0.25)
	{
		$complexity{character_types} = [ sort { rand() <=> 0.5 } qw(uppercase special lowercase number) ];
		$complexity{character_type_rule} = 'three_of_four';
	}
	$complexity{identical_characters} = pick(qw(allow block)) if rand() < 0.6;
	$complexity{sequential_characters} = pick(qw(allow block)) if rand() < 0.6;
	$complexity{max_length_exceeded} = pick(qw(truncate error)) if rand() < 0.6;
	return { password_options => { complexity => \%complexity } };
}

# Options that the packages refuse.
my @refused = map { { password_options => { complexity => $_ } } } (
	{ min_length => 0 }, { min_length => 73 }, { min_length => '8' }, { min_length => -1 }, { min_length => JSON::PP::true },
	{ character_type_rule => 'three_of_four' },
	{ character_type_rule => 'three_of_four', character_types => [] },
	{ character_type_rule => 'three_of_four', character_types => [qw(uppercase lowercase number)] },
);

my $seed = $ENV{USERDIR_TEST_SEED} // 20261;
srand($seed);
note("seed $seed");
my @cases = map { { options => make_options(), password => make_password() } } 1 .. 20_000;
push @cases, map { { options => $_, password => 'x' } } @refused;
# Beyond the basic plane, where the two differ.
my $smile = chr 0x1F600;
push @cases, map { { options => { passwordPolicy => 'excellent' }, password => $_ } } "Abcdefg1$smile", "Abcdefgh1$smile" . $smile x 2, "aB3!" . $smile x 3 . 'xyzu';
$cases[$_]{id} = $_ for 0 .. $#cases;
write_lines("$scratch/cases", @cases);
system_or_bail('node', "$scratch/judge.js", "$scratch/cases", "$scratch/answers");

my $node = PostgreSQL::Test::Cluster->new('policies');
$node->init(extra => [ '--encoding=UTF8', '--locale=C.UTF-8' ]);
$node->append_conf('postgresql.conf', 'fsync = off');
$node->start;
$node->safe_psql('postgres', <<"SQL");
CREATE EXTENSION userdir;
CREATE TABLE case_lines (line jsonb);
CREATE TABLE answer_lines (line jsonb);
COPY case_lines FROM '$scratch/cases' (FORMAT csv, QUOTE e'\\x01', DELIMITER e'\\x02');
COPY answer_lines FROM '$scratch/answers' (FORMAT csv, QUOTE e'\\x01', DELIMITER e'\\x02');
CREATE TABLE judged AS
  SELECT (c.line -> 'id')::integer AS id, c.line -> 'options' AS options, c.line ->> 'password' AS password, a.line AS answer
    FROM case_lines c JOIN answer_lines a ON a.line -> 'id' = c.line -> 'id';
CREATE FUNCTION verdict(options jsonb, password text) RETURNS jsonb LANGUAGE plpgsql AS \$\$
BEGIN
  PERFORM userdir._check_password_options('auth0', options);
  RETURN userdir._judge_password(options, NULL, NULL, password, NULL, NULL);
EXCEPTION WHEN SQLSTATE 'UD001' THEN
  RETURN '"refused"';
END \$\$;
ALTER TABLE judged ADD ours jsonb;
UPDATE judged SET ours = verdict(options, password);
SQL

my $compared = 20_000;
is($node->safe_psql('postgres', 'SELECT count(*) FROM judged'), scalar @cases, 'every case was judged by both');
is($node->safe_psql('postgres', "SELECT count(*) FROM judged WHERE id < $compared AND answer ? 'error'"), 0, 'the packages take all of these options');

my $different = $node->safe_psql('postgres',
	"SELECT jsonb_pretty(to_jsonb(j)) FROM judged j WHERE id < $compared AND ours IS DISTINCT FROM answer -> 'report' ORDER BY length(password) LIMIT 3");
is($different, '', "$compared reports are equal");
$different = $node->safe_psql('postgres',
	"SELECT jsonb_pretty(to_jsonb(j)) FROM judged j WHERE id < $compared AND ours -> 'verified' IS DISTINCT FROM answer -> 'check' ORDER BY length(password) LIMIT 3");
is($different, '', 'and so is what their check() says');
$different = $node->safe_psql('postgres',
	"SELECT jsonb_pretty(to_jsonb(j)) FROM judged j WHERE id < $compared AND userdir._password_rejection(ours || '{\"verified\": false}') ->> 'policy' IS DISTINCT FROM answer ->> 'text'
	    AND NOT (ours -> 'verified')::boolean ORDER BY length(password) LIMIT 3");
is($different, '', 'and the policies as a list to be read');

# The passwords must have been of all kinds, or equality would say little.
my $kinds = $node->safe_psql('postgres', <<"SQL");
SELECT string_agg(code || CASE WHEN verified THEN '+' ELSE '-' END, ' ' ORDER BY code COLLATE "C", verified)
  FROM (SELECT DISTINCT r ->> 'code' AS code, (r -> 'verified')::boolean AS verified
          FROM judged, LATERAL (SELECT jsonb_array_elements(ours -> 'rules') UNION ALL SELECT jsonb_path_query(ours, '\$.rules[*].items[*]')) x (r)
         WHERE id < $compared) d
SQL
is( $kinds,
	join(' ', map { ("$_-", "$_+") } sort qw(nonEmpty lengthAtLeast shouldContain containsAtLeast lowerCase upperCase numbers specialCharacters identicalChars sequentialChars maxLength)),
	'every rule was kept by some and broken by others');
my $good = $node->safe_psql('postgres', "SELECT count(*) FROM judged WHERE id < $compared AND ours @> '{\"verified\": true}'");
cmp_ok($good, '>', $compared / 20, "$good passwords were good");
cmp_ok($good, '<', $compared / 2, 'and more were not');

is( $node->safe_psql('postgres', "SELECT string_agg(ours::text || ' ' || (answer ? 'error'), ',' ORDER BY id) FROM judged WHERE id >= $compared AND password = 'x'"),
	join(',', ('"refused" true') x @refused),
	'options that the packages refuse are refused');

# Nine code points are ten units of UTF-16; three times the same code point is no row of units.
is( $node->safe_psql('postgres', <<"SQL"),
SELECT string_agg((ours #>> '{rules,0,verified}') || ' ' || (answer #>> '{report,rules,0,verified}') || ' '
                  || (ours #>> '{rules,2,verified}') || ' ' || (answer #>> '{report,rules,2,verified}'), ',' ORDER BY id)
  FROM judged WHERE id >= $compared AND password <> 'x'
SQL
	'false true true true,true true false true,true true false true',
	'code points are counted where the packages count units of UTF-16');

$node->stop;
done_testing();
