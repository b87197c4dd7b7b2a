# Databases of other encodings and locales: the same text gives the same users everywhere.
#
# Folding of e-mail addresses and user names is ASCII's in every locale, the Turkish one included, where
# lower('I') is not 'i'. All statements are sent in UTF-8, and their answers come back in it; here they are bytes.
use strict;
use warnings;
use Digest::MD5 qw(md5_hex);
use PostgreSQL::Test::Utils;
use Test::More;
use UserdirTest;

my $node = new_server('encodings');
my %database = (
	utf8_c     => q{ENCODING 'UTF8' LOCALE 'C'},
	utf8_libc  => q{ENCODING 'UTF8' LOCALE 'C.UTF-8'},
	latin1     => q{ENCODING 'LATIN1' LOCALE 'C'},
	latin9     => q{ENCODING 'LATIN9' LOCALE 'C'},
	sql_ascii  => q{ENCODING 'SQL_ASCII' LOCALE 'C'},
	icu_turkish => q{ENCODING 'UTF8' LOCALE 'C.UTF-8' LOCALE_PROVIDER icu ICU_LOCALE 'tr-TR'},
	icu_german => q{ENCODING 'UTF8' LOCALE 'C.UTF-8' LOCALE_PROVIDER icu ICU_LOCALE 'de-DE'},
);

if ($node->safe_psql('postgres', q{SELECT count(*) FROM pg_collation WHERE collprovider = 'i'}) eq '0')
{
	diag('*** SKIPPED: this server has no ICU ***');
	delete @database{ grep { /^icu/ } keys %database };
}

# What the server says of an escape in JSON that the encoding has no character for.
my $no_character = $node->pg_version < 16 ? 'ERROR:  0A000' : 'ERROR:  22P05';

# answer runs a statement; an error is answered by its SQLSTATE.
sub answer
{
	my ($name, $sql) = @_;
	my ($out, $err) = ('', '');
	$node->psql($name, "SET client_encoding = 'UTF8';\n\\set VERBOSITY sqlstate\n$sql", stdout => \$out, stderr => \$err, on_error_stop => 0);
	return join "\n", grep { length } $out, $err =~ /(ERROR: +\S+)/g;
}

# What is asked in every database, and what is answered everywhere.
my @same = (
	[ 'the Turkish I in an e-mail', q{SELECT userdir.create_user('users', '{"email": "IIVARI.İ@EXAMPLE.COM", "username": "INGRID", "user_id": "1"}') ->> 'email'}, { default => 'iivari.İ@example.com', latin => 'ERROR:  22P05' } ],
	[ 'ASCII folding of an e-mail', q{SELECT u ->> 'email', u ->> 'username', u ->> 'nickname' FROM userdir.create_user('users', '{"email": "IIVARI@EXAMPLE.COM", "username": "IINGRID", "user_id": "2"}') u},
		'iivari@example.com|iingrid|iivari' ],
	[ 'no other folding', q{SELECT u ->> 'email', u ->> 'name' FROM userdir.create_user('users', '{"email": "ÄNNE@Example.com", "username": "anne", "user_id": "3", "name": "Änne Ünal"}') u}, 'Änne@example.com|Änne Ünal' ],
	[ 'so these are two', q{SELECT u ->> 'email' FROM userdir.create_user('users', '{"email": "änne@example.com", "username": "anne2", "user_id": "4"}') u}, 'änne@example.com' ],
	[ 'and these are one', q{SELECT userdir.create_user('users', '{"email": "ÄNNE@EXAMPLE.COM", "username": "anne3"}')}, 'ERROR:  23505' ],
	[ 'a user name in capitals is taken', q{SELECT userdir.create_user('users', '{"email": "x@example.com", "username": "ANNE"}')}, 'ERROR:  23505' ],
	[ 'finding by e-mail', q{SELECT userdir.get_users_by_email('Änne@example.com') #>> '{0,user_id}'}, 'auth0|3' ],
	[ 'the picture is that of the address in UTF-8', q{SELECT substring(userdir.default_picture('änne@example.com') FROM '[0-9a-f]{32}')}, md5_hex('änne@example.com') ],
	[ 'the picture of a new user', q{SELECT substring(userdir.get_user('auth0|4') ->> 'picture' FROM '[0-9a-f]{32}') = substring(userdir.default_picture('änne@example.com') FROM '[0-9a-f]{32}')}, 't' ],
	[ 'metadata', q{SELECT userdir.update_user('auth0|3', '{"user_metadata": {"größe": "ß", "ñ": {"ø": ["å"]}, "weg": 1}}') -> 'user_metadata' -> 'ñ'}, '{"ø": ["å"]}' ],
	[ 'merged metadata', q{SELECT userdir.update_user('auth0|3', '{"user_metadata": {"größe": "ÿ", "weg": null}}') -> 'user_metadata' = '{"größe": "ÿ", "ñ": {"ø": ["å"]}}'}, 't' ],
	[ 'a merge patch', q{SELECT userdir.json_merge_patch('{"ä": {"ö": 1}}', '{"ä": {"ü": "ß"}}') = '{"ä": {"ö": 1, "ü": "ß"}}'}, 't' ],
	[ 'indexes on metadata', q{SELECT userdir.create_metadata_index('user_metadata.größe', type) FROM unnest('{search,text,sort}'::text[]) type},
		join("\n", map { "users_user_metadata_gr_e__091abbeaf077_${_}_idx" } qw(search text sort)) ],
	[ 'what these hold', q{SET enable_seqscan = off; SELECT i.path, (SELECT string_agg(user_id, ' ') FROM userdir.users u WHERE u OPERATOR(userdir.@@) 'user_metadata.größe:ÿ'), (SELECT user_id FROM userdir.users WHERE userdir.metadata_text(user_metadata, 'größe') = 'ÿ'),
		userdir.list_users(sort => 'user_metadata.größe:-1', take => 1) #>> '{users,0,user_id}' FROM userdir.metadata_indexes() i WHERE i.type = 'sort'}, 'user_metadata.größe|auth0|3|auth0|3|auth0|3' ],
	[ 'a payload', q{SELECT p ->> 'name', p ->> 'given_name', p ->> 'nickname', p #>> '{attributes,stadt}' FROM userdir.normalize_profile('google-oauth2',
		'{"sub": "1", "name": "Zoë Ångström", "given_name": "Zoë", "family_name": "Ångström", "email": "zoë@example.com", "stadt": "Malmö"}') p}, 'Zoë Ångström|Zoë|zoë|Malmö' ],
	[ 'a payload with escapes', q{SELECT p ->> 'name' FROM userdir.normalize_profile('github', '{"id": 1, "login": "z", "name": "Zo\u00eb"}') p}, { default => 'Zoë', sql_ascii => $no_character } ],
	[ 'a login', q{SELECT u ->> 'name', u ->> 'user_id' FROM userdir.upsert_from_connection('saml', '{"nameID": "jürgen|ä", "mail": "JÜRGEN@Example.com", "displayName": "Jürgen Groß"}') u}, 'Jürgen Groß|samlp|saml|jürgen|ä' ],
	[ 'the same login again', q{SELECT u ->> 'name', u ->> 'email' FROM userdir.upsert_from_connection('saml', '{"nameID": "jürgen|ä", "mail": "JÜRGEN@Example.com", "displayName": "Jürgen Größer"}') u}, 'Jürgen Größer|JÜRGEN@Example.com' ],
	[ 'lengths are those of characters', q{SELECT userdir.update_user('auth0|3', jsonb_build_object('name', repeat('é', 300))) ->> 'name' = repeat('é', 300)}, { default => 't', sql_ascii => 'ERROR:  UD004' } ],
	[ 'one more is too long', q{SELECT userdir.update_user('auth0|3', jsonb_build_object('name', repeat('é', 301)))}, 'ERROR:  UD004' ],
	[ 'an error quotes what was sent', q{DO $$ BEGIN PERFORM userdir.get_connection('é'), userdir.create_user('é', '{}'); EXCEPTION WHEN SQLSTATE 'UD008' THEN IF SQLERRM <> 'connection "é" does not exist' THEN RAISE '%', SQLERRM; END IF; END $$; SELECT 'quoted'}, 'quoted' ],
	[ 'a name cut in an error stays text', q{DO $$ BEGIN PERFORM userdir.create_user('users', jsonb_build_object(repeat('é', 200), 1)); EXCEPTION WHEN SQLSTATE 'UD004' THEN RAISE NOTICE '%', SQLERRM; END $$; SELECT 'cut'}, 'cut' ],
	[ 'a user id', q{SELECT userdir.create_user('users', '{"email": "id@example.com", "username": "id", "user_id": "ünique"}') ->> 'user_id'; SELECT userdir.get_user('auth0|ünique') ->> 'email'}, "auth0|ünique\nid\@example.com" ],
);

for my $name (sort keys %database)
{
	$node->safe_psql('postgres', "CREATE DATABASE $name TEMPLATE template0 $database{$name}");
	$node->safe_psql($name, 'CREATE EXTENSION userdir');
	$node->safe_psql($name, q{
		SELECT userdir.install();
		SELECT userdir.create_connection('users', 'auth0', '{"requires_username": true}');
		SELECT userdir.create_connection('saml', 'samlp', '{"attribute_map": {"email": "mail", "name": "displayName"}}');
	});
}

for my $case (@same)
{
	my ($title, $sql, $wanted) = @$case;
	for my $name (sort keys %database)
	{
		my $here = ref $wanted ? $wanted->{$name} // ($name =~ /^latin/ ? $wanted->{latin} : undef) // $wanted->{default} : $wanted;
		is(answer($name, $sql), $here, "$name: $title");
	}
}

# Lists, in every order and by both kinds of pages, hold every user once.
for my $name (sort keys %database)
{
	my $wrong = answer($name, q{
		CREATE FUNCTION pg_temp.walk(sort text) RETURNS text[] LANGUAGE plpgsql AS $$
		DECLARE page jsonb; ids text[] := '{}'; next text;
		BEGIN
		  LOOP
		    page := userdir.list_users(take => 2, sort => sort, "from" => next);
		    ids := ids || ARRAY(SELECT u ->> 'user_id' FROM jsonb_array_elements(page -> 'users') u);
		    next := page ->> 'next';
		    EXIT WHEN next IS NULL;
		  END LOOP;
		  RETURN ids;
		END $$;
		SELECT userdir.create_user('users', jsonb_build_object('email', 'u' || n || '@example.com', 'username', 'u' || n, 'name', (ARRAY['Ä', 'z', 'a', 'ö', 'I', 'i'])[1 + n % 6] || n)) IS NULL FROM generate_series(1, 9) n;
		SELECT s, pg_temp.walk(s) FROM unnest('{email:1,email:-1,name:1,name:-1,nickname:1,user_id:1,created_at:-1}'::text[]) s
		 WHERE (SELECT array_agg(w ORDER BY w) FROM unnest(pg_temp.walk(s)) w) IS DISTINCT FROM (SELECT array_agg(user_id ORDER BY user_id) FROM userdir.users)
		    OR pg_temp.walk(s) IS DISTINCT FROM ARRAY(SELECT u ->> 'user_id' FROM jsonb_array_elements(userdir.list_users(per_page => 100, sort => s)) u);
	});
	$wrong =~ s/^f\n?//mg;
	is($wrong, '', "$name: lists hold every user once, in one order");
}

# What a database cannot hold is refused, and leaves it as it was.
for my $name (grep { /^latin/ } sort keys %database)
{
	is(answer($name, q{SELECT userdir.create_user('users', '{"email": "c@example.com", "username": "c", "name": "世界"}')}), 'ERROR:  22P05', "$name: a character that it does not have");
	is(answer($name, q{SELECT userdir.upsert_from_connection('saml', '{"nameID": "c", "displayName": "\u4e16"}')}), 'ERROR:  22P05', "$name: nor by an escape");
}

done_testing();
