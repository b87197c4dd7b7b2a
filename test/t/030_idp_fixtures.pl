# Real payloads of identity providers: each becomes the profile that its source determines.
#
# The payloads are no part of the checkout. They are looked for in $USERDIR_IDP_FIXTURES, else below
# $SHARED_DATA, which tools/test sets, else beside the checkout; without them the test skips itself
# and says so.
use strict;
use warnings;
use JSON::PP;
use Digest::MD5 qw(md5_hex);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $dir = $ENV{USERDIR_IDP_FIXTURES} || ($ENV{SHARED_DATA} || '../shared/data') . '/idp';
my @cases = sort(glob("$dir/expected/*/*.json"));
if (!@cases)
{
	diag("*** SKIPPED: no payloads of identity providers in $dir ***");
	plan skip_all => "no payloads of identity providers in $dir";
}

my $json = JSON::PP->new->utf8->canonical->allow_nonref->allow_bignum;

my $node = PostgreSQL::Test::Cluster->new('idp');
$node->init(extra => [ '--encoding=UTF8', '--locale=C.UTF-8' ]);
$node->append_conf('postgresql.conf', "fsync = off\nlog_statement = none");
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION userdir');

sub read_file
{
	my ($file) = @_;
	open my $in, '<:raw', $file or die "$file: $!";
	local $/;
	return <$in>;
}

# quote writes bytes as an SQL literal.
sub quote
{
	my ($text) = @_;
	$text =~ s/'/''/g;
	return "'$text'";
}

# same compares two decoded values.
sub same
{
	my ($a, $b) = @_;
	return $json->encode($a) eq $json->encode($b);
}

# found looks a normalized name up: at the root, or beside what the provider sent.
sub found
{
	my ($profile, $name) = @_;
	return exists $profile->{$name} ? $profile->{$name} : $profile->{attributes}{$name};
}

# problems returns what is wrong with a profile.
sub problems
{
	my ($case, $profile, $raw) = @_;
	my @problems;

	for my $name (sort keys %{ $case->{expected} })
	{
		my $is = found($profile, $name);
		push @problems, "$name is " . $json->encode($is) . ', not ' . $json->encode($case->{expected}{$name})
		  if !same($is, $case->{expected}{$name});
	}
	for my $name (@{ $case->{absent} })
	{
		push @problems, "$name is " . $json->encode($profile->{$name}) . ', not absent'
		  if exists $profile->{$name} && $name !~ /^(name|nickname)$/;
	}
	push @problems, identity_problems($case, $profile);
	push @problems, fallback_problems($case, $profile);
	push @problems, raw_problems($case, $profile, $raw);
	return @problems;
}

sub identity_problems
{
	my ($case, $profile) = @_;
	my $identity = $profile->{identities}[0];
	my @problems;

	push @problems, 'not one identity' if @{ $profile->{identities} } != 1;
	push @problems, "user_id $profile->{user_id} does not fit the identity"
	  if $profile->{user_id} ne "$identity->{provider}|$identity->{user_id}";
	for my $name (sort keys %{ $case->{identity} || {} })
	{
		my $want = $case->{identity}{$name};
		if ($name eq 'external_id')
		{
			push @problems, "id $identity->{user_id} is not $want"
			  if $identity->{user_id} !~ /(^|\|)\Q$want\E$/;
		}
		elsif (!same($identity->{$name}, $want))
		{
			push @problems, "identities[0].$name is " . $json->encode($identity->{$name});
		}
	}
	return @problems;
}

sub fallback_problems
{
	my ($case, $profile) = @_;
	my $want = $case->{fallback}{picture} or return;
	my $picture = $profile->{picture} || 'absent';

	return if $picture =~ m{^https://s(ecure)?\.gravatar\.com/avatar/\Q$want->{md5}\E\?};
	return "picture is $picture, not the default by $want->{md5}";
}

# unwrapped collects every member of the raw answer by its name, however deep its envelope is.
sub members
{
	my ($value, $all, $depth) = @_;
	$all ||= {};
	return $all if ($depth || 0) > 4;
	if (ref $value eq 'HASH')
	{
		for my $name (keys %$value)
		{
			push @{ $all->{$name} }, $value->{$name};
			members($value->{$name}, $all, ($depth || 0) + 1);
		}
	}
	elsif (ref $value eq 'ARRAY')
	{
		members($_, $all, ($depth || 0) + 1) for @$value;
	}
	return $all;
}

sub raw_problems
{
	my ($case, $profile, $raw) = @_;
	my $all = members($raw);
	my @problems;

	for my $name (@{ $case->{raw_kept} || [] })
	{
		my $kept = exists $profile->{attributes}{$name} ? $profile->{attributes}{$name} : $profile->{$name};
		if (!defined $kept)
		{
			# An envelope may be kept as a whole, its content inside.
			push @problems, "$name is lost" unless members($profile->{attributes})->{$name};
			next;
		}
		next if !$case->{raw_kept_sure} || !exists $all->{$name};
		push @problems, "$name is changed to " . $json->encode($kept)
		  unless grep { same($kept, $_) || (ref $_ eq 'ARRAY' && @$_ == 1 && same($kept, $_->[0])) } @{ $all->{$name} };
	}
	for my $name (@{ $case->{raw_dropped} || [] })
	{
		push @problems, "$name is not dropped"
		  if exists $profile->{$name} || exists $profile->{attributes}{$name};
	}
	for my $name (qw(access_token refresh_token access_token_secret oauth_token password))
	{
		push @problems, "$name is shown" if exists $profile->{$name} || exists $profile->{attributes}{$name};
	}
	return @problems;
}

# One query for all of them; an error must not end the others.
$node->safe_psql('postgres', q{
	CREATE FUNCTION try_normalize(strategy text, raw jsonb, connection text, extras jsonb) RETURNS jsonb
	LANGUAGE plpgsql AS $$
	BEGIN
		RETURN userdir.normalize_profile(strategy, raw, connection, extras);
	EXCEPTION WHEN OTHERS THEN
		RETURN jsonb_build_object('error', SQLERRM, 'sqlstate', SQLSTATE);
	END $$;

	-- Leaves nothing behind: connections of several payloads bear the same name.
	CREATE FUNCTION try_login(connection text, strategy text, raw jsonb, extras jsonb) RETURNS text
	LANGUAGE plpgsql AS $$
	DECLARE
		first jsonb;
		second jsonb;
	BEGIN
		PERFORM userdir.create_connection(connection, strategy);
		first := userdir.upsert_from_connection(connection, raw, extras);
		second := userdir.upsert_from_connection(connection, raw, extras);
		RAISE EXCEPTION USING ERRCODE = 'UD999', MESSAGE = CASE
			WHEN first ->> 'user_id' IS DISTINCT FROM userdir.normalize_profile(strategy, raw, connection, extras) ->> 'user_id' THEN 'another user_id'
			WHEN first <> second THEN 'changed by the second login'
			ELSE 'ok' END;
	EXCEPTION WHEN OTHERS THEN
		RETURN SQLERRM;
	END $$;
});
my (@decoded, @literals, @logins, $script);
for my $file (@cases)
{
	my $case = $json->decode(read_file($file));
	my $raw = read_file("$dir/$case->{raw}");
	my $extras = $case->{extra} ? read_file("$dir/$case->{extra}") : '{}';

	push @decoded, [ $case, $raw ];
	# jsonb cannot hold a zero character; the binary attribute of one payload has some.
	$raw =~ s/(?<!\\)((?:\\\\)*)\\u0000/$1/g;
	push @literals, [ quote($raw), quote($extras) ];
	$script .= sprintf("SELECT try_normalize(%s, %s, %s, %s);\n",
		quote($case->{strategy}), quote($raw), quote($case->{connection}), quote($extras));
}
my @answers = split /\n/, $node->safe_psql('postgres', $script);
is(scalar @answers, scalar @cases, 'an answer for each payload');

my (%soft_hits, %soft_misses);
for my $i (0 .. $#cases)
{
	my ($case, $raw) = @{ $decoded[$i] };
	utf8::encode(my $answer = $answers[$i]) if utf8::is_utf8($answers[$i]);
	my $profile = $json->decode(defined $answer ? $answer : $answers[$i]);

	if ($profile->{error})
	{
		# The one assertion that names nobody must not become a user.
		my $nameless = $case->{case} eq 'samlp/11';
		ok($nameless && $profile->{sqlstate} eq 'UD003', $case->{case})
		  or diag("$case->{case}: $profile->{error}");
		next;
	}
	my @problems = problems($case, $profile, $json->decode($raw));
	ok(!@problems, $case->{case}) or diag(join "\n", map { "$case->{case}: $_" } @problems);

	for my $name (sort keys %{ $case->{soft} || {} })
	{
		my $is = $name eq 'user_id_part' ? $profile->{identities}[0]{user_id} : found($profile, $name);
		my $hit = grep { same($is, $_->{value})
			  || ($name eq 'user_id_part' && $is =~ /\|\Q$_->{value}\E$/) } @{ $case->{soft}{$name} };
		note("$case->{case}: $name is " . $json->encode($is) . ', none of the candidates') if !$hit;
		$hit ? $soft_hits{$name}++ : $soft_misses{$name}++;
	}
}
# Each of them logs in, twice: the second login finds the user and has nothing to change.
$node->safe_psql('postgres', 'SELECT userdir.install()');
for my $i (0 .. $#cases)
{
	my $case = $decoded[$i][0];

	# Provisioning is no login, and the nameless one was seen above.
	next if $case->{strategy} eq 'scim' || $case->{case} eq 'samlp/11';
	(my $connection = $case->{connection}) =~ s/[^A-Za-z0-9-]//g;
	push @logins, sprintf(
		"SELECT %s, try_login(%s, %s, %s, %s);\n",
		quote($case->{case}), quote($connection), quote($case->{strategy}), @{ $literals[$i] });
}
my @outcomes = split /\n/, $node->safe_psql('postgres', join('', @logins));
is(scalar @outcomes, scalar @logins, 'an outcome of each login');
is_deeply([ grep { !/\|ok$/ } @outcomes ], [], 'a user comes of each login and stays the same');

note('candidates met: ' . $json->encode(\%soft_hits) . ', not met: ' . $json->encode(\%soft_misses));

$node->stop;
done_testing();
