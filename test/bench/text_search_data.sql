-- Users with names and e-mail addresses of several languages: the same ones whenever so many are
-- asked for. Set the variable rows before.
--
-- Names are as unequally frequent as real ones: a place in a list is drawn by the square of an even
-- number between 0 and 1. Family names are put together of two or three parts.
CREATE TEMP TABLE parts AS SELECT
  string_to_array('maria anna jose juan olga ivan elena peter laura marta carlos john sofia thomas julia lucas emma paul nina martin clara david eva simon '
                  'alice robert ines jan petra marco greta stefan irene karl rosa viktor dora hugo lena oscar vera felix magda leo astrid bruno edith igor '
                  'ruth tomas wanda zoe ali fatima omar layla yuki kenji mei wei arjun priya kofi amara sven liv aino eero zsofia istvan radka pavel oksana taras '
                  'мария иван ольга дмитрий елена сергей анна олег νίκος μαρία γιώργος 伟 芳 娜 さくら 健太 müge şule ömer łukasz żaneta żółw åsa øystein björn jürgen renée zoë', ' ') AS given,
  string_to_array('ber mar gar wal stein kor nov pet fer gon sil kow hof ros lin win har bar cas mor del san lop tor hern jack fish sand vol kra schm mül led zim bey yil '
                  'kap nak tan wat suz chan wang pat shar gup ade oku mens ler iva smir куз пет сид πα νι 王 李 佐', ' ') AS family_first,
  string_to_array('a e i o u er en el in an ar or ov ac ic ma ta ra la ne ni do ri ti co', ' ') AS family_middle,
  string_to_array('son sen ez es ski sky ova ov ev ini etti berg mann hardt ner wicz czyk oğlu poulos idis son sson dottir man ton ley field worth 明 子 田', ' ') AS family_last,
  string_to_array('gmail.com outlook.com yahoo.com web.de gmx.net mail.ru orange.fr', ' ') AS big_domains,
  string_to_array('com net org de fr es it pl io co.uk com.br jp', ' ') AS tlds;

-- Draws an even number between 0 and 1 for a row and a purpose.
CREATE FUNCTION pg_temp.draw(i bigint, purpose bigint) RETURNS double precision LANGUAGE sql IMMUTABLE AS
$$ SELECT (hashint8extended(i, purpose) & 2147483647) / 2147483648.0::double precision $$;
-- Draws from a list, the first ones most often.
CREATE FUNCTION pg_temp.pick(list text[], i bigint, purpose bigint) RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT list[1 + floor(pg_temp.draw(i, purpose) ^ 2 * cardinality(list))::integer] $$;

CREATE UNLOGGED TABLE people AS
SELECT i AS id, given_name, family_name, given_name || ' ' || family_name AS name, nickname,
       nickname || '@' || CASE WHEN pg_temp.draw(i, 20) < 0.6 THEN pg_temp.pick(p.big_domains, i, 21)
                               ELSE pg_temp.pick(p.family_first, i % 5000, 22) || pg_temp.pick(p.family_middle, i % 5000, 23) || pg_temp.pick(p.family_first, i % 5000, 24) || '.' || pg_temp.pick(p.tlds, i % 5000, 25) END AS email
  FROM parts p, generate_series(1, :rows::bigint) i,
       LATERAL (SELECT initcap(pg_temp.pick(p.given, i, 1)) AS given_name,
                       initcap(pg_temp.pick(p.family_first, i, 2) || CASE WHEN pg_temp.draw(i, 3) < 0.5 THEN pg_temp.pick(p.family_middle, i, 4) ELSE '' END
                               || pg_temp.pick(p.family_middle, i, 5) || pg_temp.pick(p.family_last, i, 6)) AS family_name) n,
       LATERAL (SELECT lower(CASE floor(pg_temp.draw(i, 10) * 4)::integer WHEN 0 THEN given_name || '.' || family_name WHEN 1 THEN left(given_name, 1) || family_name
                                  WHEN 2 THEN family_name || floor(pg_temp.draw(i, 11) * 100) ELSE given_name || floor(pg_temp.draw(i, 12) * 10000) END) AS nickname) k;
VACUUM ANALYZE people;
