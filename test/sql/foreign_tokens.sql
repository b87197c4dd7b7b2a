-- Tokens of other issuers: the keys of connections, and what verify_foreign_token() makes of a token
\getenv abs_srcdir PG_ABS_SRCDIR
\set fresh_directory :abs_srcdir '/fresh_directory.sql'
\i :fresh_directory
-- Keys and tokens of an issuer, made with the openssl command; they are good until the year 2100.
\set jwks '{"keys":[{"crv":"Ed25519","kid":"ed25519","kty":"OKP","use":"sig","x":"27wG1fa9BxrKNc1riwYZLbBm-qdlU8m_mLowzZkMGKY"},{"crv":"P-256","kid":"p-256","kty":"EC","use":"sig","x":"irLs76Oa6rVlwOmE93bJ3V7eTerlv_eDhUXVgCDbylc","y":"ZngOSJj0U4KE4u0eDfaR9ZdvSZoSklfCmwxZQ8Xnds0"},{"crv":"P-384","kid":"p-384","kty":"EC","use":"sig","x":"U_Qh8bUH1RFB0qPwtG2jhly8DPHFw14jZOB0rf06PWn-556xaOo5gcYfwQHXGGTR","y":"9m4KFbrxpdowFJAj-0twHq2Ti-eQmIuHMOQ6N7nGzwpBpZ1MLYqQPkJ2mTT5HCIk"},{"crv":"P-521","kid":"p-521","kty":"EC","use":"sig","x":"AalCrezyBpLBI0Y5G41jRQQqGvpArcDKbvXtVM36r6UVjtytj7X8lWdObgdC3OUttDD-xCN1sqzd8JxxzNo46kZe","y":"AJbavyMdolJiiFDChOniUiEqxjmP7arr4ziBk-Ldsjzof3-8PXvzydUEhgsFadrEIOlOKua84z76358AzAeltc8m"},{"e":"AQAB","kid":"rsa-2048","kty":"RSA","n":"0WwHmsF_7VvzaE_BCHWF9N1zMp5dIOuOQI4G31vSdIp7YHxhkXeZKs_eee6I-wqC8fztyJ22pYRZZP2Hy4A9FuGDykgY8JczaMsOLSSr6n_BPknzthYXiCxEMKDkV95a8ZVXqln0_YWGXMhtY_U5Zn_fbOEeyz6mxaWNMcP28f0xtWFKJkcG25GO-VRVb2DHb0e5fV5mueIptc1HhKuZgiGsAbJadPAZO28DYYIsOs5Jm_sjdzYoaNAWmBB85qgdNjW09NdtWxZaKrLI4xf0jhAxiR7wcDJmfjfj20kr4_yaWJDUXw-a-KZzan0G549WTz-2CeRyGbDnqZN60BFFTQ","use":"sig"}]}'
\set rs256 'eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYS0yMDQ4In0.eyJhdWQiOiJhcHAiLCJlbWFpbCI6ImphbmVAZXhhbXBsZS5jb20iLCJlbWFpbF92ZXJpZmllZCI6dHJ1ZSwiZXhwIjo0MTAyNDQ0ODAwLCJpYXQiOjE3MzU2ODk2MDAsImlzcyI6Imh0dHBzOi8vaWRwLmV4YW1wbGUuY29tIiwibmFtZSI6IkphbmUgRG9lIiwibm9uY2UiOiJuLTEiLCJzdWIiOiJqYW5lIn0.GYgtjgwqI-Gb4Jw9euIanm6eHV61yvsQnt5qJoX1Axj1yXagoszAz4EpPJgbP929VThgWMRAxnvkbt796nzX63DrQZ6Mr4LQe_TPuXwRYNkQqkbYpiwUTMAz64z4ekNiTRjs5_b1V8nhvnQrJUe1c7fKBR-IuVmiD-IT8_2WM2HM-ZtK52neJ6sk3WNAvj9las_Q02MWj-UlE-o5K72hYpXIKq5NUrDmda7lx6rqOFI7OUO2uRWsn5RqJzPe8qp5-X1u37AukvmTKD2W8LeVtWEjasEaR30Q7VmEDWk0BfHDoHj96BeGp0K4VxeCzroZ3rztVA-6_fp8h9EfH7CyIA'
\set rs384 'eyJhbGciOiJSUzM4NCIsImtpZCI6InJzYS0yMDQ4In0.eyJhdWQiOiJhcHAiLCJleHAiOjQxMDI0NDQ4MDAsImlhdCI6MTczNTY4OTYwMCwiaXNzIjoiaHR0cHM6Ly9pZHAuZXhhbXBsZS5jb20iLCJzdWIiOiJqYW5lIn0.iLZmnyqTLDmq-Yyyg6uStGaG7Tv1DFzir5xhqk9wGuqHX2o9Mn7kMvfDER5mrvmMQYHZeWgISEoE8asM1Bdvz3sCX6j_L1Pjtj0Y6-IfofXNDjEcW-fm-81IbxWf4W8sOT64kd34JlXhmWEMRTsK8HiCE71TrMZfiiRIWOkDLKGrA1PnCP6j66c3W0sOSYbIIxkQU006rBs-Z6NAbRdmJMTUZEXliP-Jdmzou9FXQ1vLrvqkVlQgnWdYFbQS0i4a59mG1j32dduvJdrMrEBP74dhsTR65bbrtrPmSoQyqhfxqY7fKBxEyNGfWppDsOwU2P--am4nyvLYeBfco7WOFA'
\set ps256 'eyJhbGciOiJQUzI1NiIsImtpZCI6InJzYS0yMDQ4In0.eyJhdWQiOiJhcHAiLCJleHAiOjQxMDI0NDQ4MDAsImlhdCI6MTczNTY4OTYwMCwiaXNzIjoiaHR0cHM6Ly9pZHAuZXhhbXBsZS5jb20iLCJzdWIiOiJqYW5lIn0.uO77zdIO0EDy_1cA2-Uh_5iLoIA4xkd0jGIZ4Mtr74fts9_VgB2VHmgNmr7Me2YRRBysz9RkXS8Rtrh26yr8m51sRDMwQzYKL7qD14XqH2hApLFfU8N788yoO2SWgBUUuZfzVat0yRkZDf_Fld1s-W-BAyKf4LuqgEjWpSFYobmVLCoU_oUFm_JfCFtq385GxpP7kPETGaq_6oQaJh9L-fiFXLawKFXr1axPjkmk984rGBUbfJFxy3ZeKsOY4GwMZaTcU_VlNGsmLYA_UfxjzT_2D0GdLB6VXHTIpJHf5mnicTVkxKylqzaBe6J0U_Qymmx5FHR3Xhci1o2_tZA4aA'
\set es256 'eyJhbGciOiJFUzI1NiIsImtpZCI6InAtMjU2In0.eyJhdWQiOiJhcHAiLCJleHAiOjQxMDI0NDQ4MDAsImlhdCI6MTczNTY4OTYwMCwiaXNzIjoiaHR0cHM6Ly9pZHAuZXhhbXBsZS5jb20iLCJzdWIiOiJqYW5lIn0.C21V3OjzfLHjLqqkNzYygwCQVW1QwtRO3ps6ppN_-60WSQu-Bsu4bG0FhtARdQFqXzQ-ncgDNWrTV6JENRKidg'
\set es384 'eyJhbGciOiJFUzM4NCIsImtpZCI6InAtMzg0In0.eyJhdWQiOiJhcHAiLCJleHAiOjQxMDI0NDQ4MDAsImlhdCI6MTczNTY4OTYwMCwiaXNzIjoiaHR0cHM6Ly9pZHAuZXhhbXBsZS5jb20iLCJzdWIiOiJqYW5lIn0.fJ5zRv8wxJFK8sP_hEPj-QRkKi2lAvPJHEu5tdu7NahzsWYHkXv5Ua5ht70b8jaKqhp-TNnDxrGg2pB_FODgcykh_tIHXYcywzQm4-l7RRPjMZnC0DXi6YRknuoFkSIF'
\set es512 'eyJhbGciOiJFUzUxMiIsImtpZCI6InAtNTIxIn0.eyJhdWQiOiJhcHAiLCJleHAiOjQxMDI0NDQ4MDAsImlhdCI6MTczNTY4OTYwMCwiaXNzIjoiaHR0cHM6Ly9pZHAuZXhhbXBsZS5jb20iLCJzdWIiOiJqYW5lIn0.ACam8C4Ps3AtV96A2o_vAzX5xGX-TCyecR89HpmUmZglWWAXO6tgm9wOjWRlckhKPUGqzgoU64zcIUeMrQD4resTAItdO2Q73JAL0IeIkM1Hy5__HOh8uETjum5vjEVPmYWTsfM5icm4S5YuP1Zca7mjIuu9KYSinNtfo7NNCR12eNcW'
\set eddsa 'eyJhbGciOiJFZERTQSIsImtpZCI6ImVkMjU1MTkifQ.eyJhdWQiOiJhcHAiLCJleHAiOjQxMDI0NDQ4MDAsImlhdCI6MTczNTY4OTYwMCwiaXNzIjoiaHR0cHM6Ly9pZHAuZXhhbXBsZS5jb20iLCJzdWIiOiJqYW5lIn0.u01cDS0eR65qL6Uhdss3yZY0uR9t1Kdv-0tyMglVqLJfbQXFaeUrh9jiVFAxCrEbb0AyVpVvIHrVu3BCVEOrAQ'
\set expired 'eyJhbGciOiJFUzI1NiIsImtpZCI6InAtMjU2In0.eyJhdWQiOiJhcHAiLCJleHAiOjE3MzU2OTMyMDAsImlhdCI6MTczNTY4OTYwMCwiaXNzIjoiaHR0cHM6Ly9pZHAuZXhhbXBsZS5jb20iLCJzdWIiOiJqYW5lIn0.SuwVXApZOIIn47m4QAXap9N1SCzqYARlxYLf5EVQKB8I4VjrwlPGzmobYqD5fF1BEzCAKzWQPnpgSHX-0K18kw'
\set early 'eyJhbGciOiJFUzI1NiIsImtpZCI6InAtMjU2In0.eyJhdWQiOiJhcHAiLCJleHAiOjQxMDI0NDQ4MDAsImlhdCI6MTczNTY4OTYwMCwiaXNzIjoiaHR0cHM6Ly9pZHAuZXhhbXBsZS5jb20iLCJuYmYiOjQxMDI0NDQwMDAsInN1YiI6ImphbmUifQ.zhusEZoII6VPsbnAX4g3nEcNE1Asl9RLfcGmy0oMCluhWr1lxwD1oVrMyzxBjKo0AHil1IdJOlD6SVy7n3NtMA'
\set issuer 'eyJhbGciOiJFUzI1NiIsImtpZCI6InAtMjU2In0.eyJhdWQiOiJhcHAiLCJleHAiOjQxMDI0NDQ4MDAsImlhdCI6MTczNTY4OTYwMCwiaXNzIjoiaHR0cHM6Ly9ldmlsLmV4YW1wbGUuY29tIiwic3ViIjoiamFuZSJ9.qijYPRGnGua4xUCN6aYzAYXrobklRLunpGAcIt330H3jCe9aARgLnRLTVprxDjCcrZB-MRhJCAeQ5rWSusQkRA'
\set audience 'eyJhbGciOiJFUzI1NiIsImtpZCI6InAtMjU2In0.eyJhdWQiOiJvdGhlciIsImV4cCI6NDEwMjQ0NDgwMCwiaWF0IjoxNzM1Njg5NjAwLCJpc3MiOiJodHRwczovL2lkcC5leGFtcGxlLmNvbSIsInN1YiI6ImphbmUifQ._B9Ne2VWeFomShyMDZHykxV7XWZy1FPmWCLbHfEHMlLPLrNDGaMXjHMrmEimRMEt7nIh9Y8WIKqgPaQBS8n7pA'
\set type 'eyJhbGciOiJFUzI1NiIsImtpZCI6InAtMjU2IiwidHlwIjoiYXQrand0In0.eyJhdWQiOiJhcHAiLCJleHAiOjQxMDI0NDQ4MDAsImlhdCI6MTczNTY4OTYwMCwiaXNzIjoiaHR0cHM6Ly9pZHAuZXhhbXBsZS5jb20iLCJzdWIiOiJqYW5lIn0.4bijVFvvkBGYFrtorpqAJymb5KAJ4JKHXiBCVbJmWRef62Iy6s5NhmL-ODmOzml9pSA51EdA0CMZlX3V1-VuQg'
\set critical 'eyJhbGciOiJFUzI1NiIsImNyaXQiOlsieCJdLCJraWQiOiJwLTI1NiIsIngiOjF9.eyJhdWQiOiJhcHAiLCJleHAiOjQxMDI0NDQ4MDAsImlhdCI6MTczNTY4OTYwMCwiaXNzIjoiaHR0cHM6Ly9pZHAuZXhhbXBsZS5jb20iLCJzdWIiOiJqYW5lIn0.VWq1aoLW98wwDHB_LCzVVUmC1xHQp26ZvIp-2U3cAv6qkk3Rx9FzTSfOCCBsydQd1YczkLf8M4_TQKp7rNg5lg'
\set unknown 'eyJhbGciOiJFUzI1NiIsImtpZCI6ImdvbmUifQ.eyJhdWQiOiJhcHAiLCJleHAiOjQxMDI0NDQ4MDAsImlhdCI6MTczNTY4OTYwMCwiaXNzIjoiaHR0cHM6Ly9pZHAuZXhhbXBsZS5jb20iLCJzdWIiOiJqYW5lIn0.5E6s8UTN_M169ZQtHsB-3zjnH7QNyZnZlhoV7ULYt899MQzYYWm0xLldkQKLIvwD7f9BnlbxGgHnmIhyy8MGRQ'
\set confused 'eyJhbGciOiJIUzI1NiIsImtpZCI6InJzYS0yMDQ4In0.eyJhdWQiOiJhcHAiLCJleHAiOjQxMDI0NDQ4MDAsImlhdCI6MTczNTY4OTYwMCwiaXNzIjoiaHR0cHM6Ly9pZHAuZXhhbXBsZS5jb20iLCJzdWIiOiJqYW5lIn0.UywPxuBEh-nc8JnpgB3sFlr0BSGzIjWmbJ6S0Qj4T64'
\set john 'eyJhbGciOiJFUzI1NiIsImtpZCI6InAtMjU2In0.eyJhdWQiOiJhcHAiLCJlbWFpbCI6ImpvaG5AZXhhbXBsZS5jb20iLCJleHAiOjQxMDI0NDQ4MDAsImlhdCI6MTczNTY4OTYwMCwiaXNzIjoiaHR0cHM6Ly9pZHAuZXhhbXBsZS5jb20iLCJuYW1lIjoiSm9obiBSb2UiLCJzdWIiOiJqb2huIn0.OXxwiKkxCIKGpYWPW7pP82Xd2yCqdh1odCfBdKHv2feR6gyo5CR6O_SioxxKqzozteBKqbtyZYgoV335TCiRLA'
\set nameless 'eyJhbGciOiJFUzI1NiIsImtpZCI6InAtMjU2In0.eyJhdWQiOiJhcHAiLCJleHAiOjQxMDI0NDQ4MDAsImlhdCI6MTczNTY4OTYwMCwiaXNzIjoiaHR0cHM6Ly9pZHAuZXhhbXBsZS5jb20iLCJzdWIiOiJ4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHgifQ.h6EwXCdhdim19GPC4XTpsr41u0niuLeuh7AFRnNla6SFaZKTY0I0eyNPNWWwJrgJhLKTuXIXSZyGqSfEjeTiRg'

SELECT userdir.create_connection('corp', 'oidc', '{"issuer": "https://idp.example.com", "client_id": "app"}') IS NOT NULL AS created;
SELECT userdir.create_connection('many', 'oidc', '{"issuer": "https://idp.example.com", "client_id": "app", "id_token_signed_response_algs": ["RS384", "PS256"]}') IS NOT NULL AS created;

-- Keys are stored without what is not needed, and read back as they are stored.
SELECT kid, algorithms FROM userdir._read_jwks(:'jwks');
SELECT jsonb_path_query_array(r, '$.keys[*].kid') AS kids, r -> 'skipped' AS skipped FROM userdir.set_connection_jwks('corp', :'jwks') r;
CREATE TEMP TABLE said AS SELECT r FROM userdir.set_connection_jwks('many', :'jwks') r;
SELECT r -> 'keys' = userdir.get_connection_jwks('many') -> 'keys' AS as_read FROM said;
SELECT DISTINCT array(SELECT jsonb_object_keys(k) ORDER BY 1) AS members FROM jsonb_array_elements(userdir.get_connection_jwks('corp') -> 'keys') k ORDER BY 1;
SELECT kid, algorithms, split_part(public_key, E'\n', 1) AS public_key FROM userdir.connection_keys k JOIN userdir.connections c ON c.id = k.connection_id WHERE c.name = 'corp' ORDER BY kid;

-- The same set again writes nothing; a smaller one takes away; none of it reaches another connection.
CREATE TEMP TABLE before AS SELECT k.ctid AS place, k.xmin::text AS writer, k.kid FROM userdir.connection_keys k;
SELECT userdir.set_connection_jwks('corp', :'jwks') IS NOT NULL AS set;
SELECT count(*) FROM before b JOIN userdir.connection_keys k ON k.ctid = b.place AND k.xmin::text = b.writer AND k.kid = b.kid;
SELECT jsonb_array_length(userdir.set_connection_jwks('corp', jsonb_build_object('keys', jsonb_path_query_array(:'jwks', '$.keys[*] ? (@.kty == "EC")'))) -> 'keys') AS stored;
SELECT c.name, count(*) FROM userdir.connection_keys k JOIN userdir.connections c ON c.id = k.connection_id GROUP BY 1 ORDER BY 1;
SELECT userdir.set_connection_jwks('corp', '{"keys": []}'), userdir.get_connection_jwks('corp');
SELECT userdir.set_connection_jwks('corp', :'jwks') IS NOT NULL AS set;

-- A key of another kind or use is skipped, with the reason; where nothing else is there, that is an error.
CREATE FUNCTION pg_temp.keys(VARIADIC keys jsonb[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  result jsonb;
BEGIN
  result := userdir.set_connection_jwks('many', jsonb_build_object('keys', to_jsonb(keys)));
  RETURN format('%s stored, skipped %s', jsonb_array_length(result -> 'keys'), result -> 'skipped');
EXCEPTION WHEN OTHERS THEN
  RETURN sqlstate || ': ' || sqlerrm;
END $$;
CREATE FUNCTION pg_temp.key(wanted text, changes jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_strip_nulls(k.jwk || changes) FROM userdir.connection_keys k JOIN userdir.connections c ON c.id = k.connection_id WHERE c.name = 'corp' AND k.kid = wanted $$;
SELECT pg_temp.keys(pg_temp.key('p-256'), changed) AS outcome FROM (VALUES
  (pg_temp.key('rsa-2048', '{"use": "enc"}')),
  (pg_temp.key('rsa-2048', '{"key_ops": ["encrypt", "wrapKey"]}')),
  (pg_temp.key('rsa-2048', '{"key_ops": ["verify"]}')),
  (pg_temp.key('rsa-2048', '{"alg": "RSA-OAEP"}')),
  (pg_temp.key('rsa-2048', '{"alg": "PS512"}')),
  (pg_temp.key('rsa-2048', '{"use": null}')),
  ('{"kty": "AKP", "kid": "pq", "alg": "ML-DSA-44", "pub": "AAAA"}'),
  ('{"crv":"secp256k1","kid":"k1","kty":"EC","x":"O_S0K9rjM-suAOVxx8Q67Fwy0b0g2w9vZ5nSYPvbRHk","y":"J-OeV7hkAwpni-1tqn6B2ex8jEm3UG5fh0gOLnUTjTE"}'),
  ('{"crv":"Ed448","kid":"ed448","kty":"OKP","x":"BzScEtgU42nvbt2pJ5D0h2a5VtAXu0KYhif4TrqvgxDwydL1Tr3W2Y6r0jTyT8C8ixZy7ETcrQ-A"}'),
  ('{"crv":"X25519","kid":"x","kty":"OKP","x":"ryGTpPidIlf8JXX220KNTDAkht4YGU5qaReJL7-dUDE"}'),
  ('{"kty": "EC", "kid": "bare", "x": "AA", "y": "AA"}')) AS v (changed);
SELECT pg_temp.keys('{"crv":"secp256k1","kid":"k1","kty":"EC","x":"O_S0K9rjM-suAOVxx8Q67Fwy0b0g2w9vZ5nSYPvbRHk","y":"J-OeV7hkAwpni-1tqn6B2ex8jEm3UG5fh0gOLnUTjTE"}');

-- What nobody publishes, and what is no key.
SELECT pg_temp.keys(pg_temp.key('p-256'), changed) AS outcome FROM (VALUES
  ('{"kty": "oct", "kid": "mac", "k": "c2VjcmV0"}'::jsonb),
  (pg_temp.key('rsa-2048', '{"d": "AQAB"}')),
  (pg_temp.key('rsa-2048', '{"p": "AQAB"}')),
  (pg_temp.key('ed25519', '{"d": "AQAB"}')),
  (pg_temp.key('rsa-2048', '{"k": "AQAB"}')),
  ('{"kty": "AKP", "kid": "pq", "priv": "AAAA"}'),
  ('[]'), ('"key"'), ('1'), ('{}'),
  ('{"kty": 1}'), ('{"kty": "RSA", "kid": 7}'), ('{"kty": "RSA", "kid": ""}'), (jsonb_build_object('kty', 'RSA', 'kid', repeat('k', 256))),
  (pg_temp.key('rsa-2048', '{"key_ops": "verify"}')),
  (pg_temp.key('rsa-2048', '{"use": ["sig"]}')),
  -- An algorithm of other keys.
  (pg_temp.key('rsa-2048', '{"alg": "ES256"}')),
  (pg_temp.key('rsa-2048', '{"alg": "HS256"}')),
  (pg_temp.key('rsa-2048', '{"alg": "none"}')),
  (pg_temp.key('p-384', '{"alg": "ES256"}')),
  -- The same kid, in another key or the same.
  (pg_temp.key('p-384', '{"kid": "p-256"}')),
  (pg_temp.key('p-256'))) AS v (changed);
SELECT pg_temp.keys(pg_temp.key('p-256', '{"kid": null}'), pg_temp.key('p-384', '{"kid": null}'));
SELECT pg_temp.keys(pg_temp.key('p-256', '{"kid": null}'), pg_temp.key('p-384'));

-- RSA: too short, exponents that make no signature, numbers that are none.
SELECT what, pg_temp.keys(pg_temp.key('p-256'), changed) AS outcome FROM (VALUES
  ('1024 bits', '{"e":"AQAB","kid":"weak","kty":"RSA","n":"1ts1pbizj_XyRq63-4Y7AYb8y_2Y6PtTO1tw1yabUINbhHdA7MPY4Un3tGiLpLxxxa8olOUhPqK6wqS4rDHBWSV_yeXfwhO6XmjYObPY_cHmDKKguy-RTSxON1EB1HnTJi2SNz4vKANx2HV2okQt3UW8a0wQVIMtQnxQhHch4OM"}'::jsonb),
  ('8200 bits', pg_temp.key('rsa-2048', jsonb_build_object('n', repeat('_', 1366) || '8'))),
  ('16384 bits', pg_temp.key('rsa-2048', jsonb_build_object('n', repeat('_', 2730) || '8'))),
  ('an even modulus', pg_temp.key('rsa-2048', jsonb_build_object('n', repeat('_', 341) || 'g'))),
  ('a modulus with a small factor', pg_temp.key('rsa-2048', jsonb_build_object('n', repeat('_', 341) || 'w'))),
  ('zeros', pg_temp.key('rsa-2048', jsonb_build_object('n', repeat('A', 342)))),
  ('a zero before the modulus', pg_temp.key('rsa-2048', jsonb_build_object('n', rtrim(translate(encode('\x00' || decode(translate(pg_temp.key('rsa-2048') ->> 'n', '-_', '+/') || '==', 'base64'), 'base64'), E'+/\n', '-_'), '=')))),
  ('exponent 0', pg_temp.key('rsa-2048', '{"e": "AA"}')),
  ('exponent 1', pg_temp.key('rsa-2048', '{"e": "AQ"}')),
  ('exponent 1 with zeros', pg_temp.key('rsa-2048', '{"e": "AAAAAAAAAAAAAAAAAAAB"}')),
  ('exponent 2', pg_temp.key('rsa-2048', '{"e": "Ag"}')),
  ('exponent 3', pg_temp.key('rsa-2048', '{"e": "Aw"}')),
  ('exponent 65536', pg_temp.key('rsa-2048', '{"e": "AQAA"}')),
  ('an exponent of 72 bits', pg_temp.key('rsa-2048', '{"e": "AQAAAAAAAAAB"}')),
  ('no exponent', pg_temp.key('rsa-2048', '{"e": null}')),
  ('an empty exponent', pg_temp.key('rsa-2048', '{"e": ""}')),
  ('an exponent that is a number', pg_temp.key('rsa-2048', '{"e": 65537}')),
  ('padding', pg_temp.key('rsa-2048', '{"e": "AQA="}')),
  ('bits that stand for nothing', pg_temp.key('rsa-2048', '{"e": "AR"}')),
  ('the other alphabet', pg_temp.key('rsa-2048', jsonb_build_object('n', translate(pg_temp.key('rsa-2048') ->> 'n', '-_', '+/')))),
  ('a blank', pg_temp.key('rsa-2048', '{"e": "AQ AB"}')),
  ('a megabyte', pg_temp.key('rsa-2048', jsonb_build_object('n', repeat('A', 1000000))))) AS v (what, changed);

-- Curves: points that are not on them.
SELECT what, pg_temp.keys(pg_temp.key('rsa-2048'), changed) AS outcome FROM (VALUES
  ('x and y exchanged', pg_temp.key('p-256', jsonb_build_object('x', pg_temp.key('p-256') -> 'y', 'y', pg_temp.key('p-256') -> 'x'))),
  ('zeros', pg_temp.key('p-256', jsonb_build_object('x', repeat('A', 43), 'y', repeat('A', 43)))),
  ('beyond the field', pg_temp.key('p-256', jsonb_build_object('x', repeat('_', 42) || '8', 'y', repeat('_', 42) || '8'))),
  ('a point of another curve', pg_temp.key('p-384', '{"crv": "P-256"}')),
  ('a short x', pg_temp.key('p-256', '{"x": "AAAA"}')),
  ('no y', pg_temp.key('p-256', '{"y": null}')),
  ('an OKP curve of EC', pg_temp.key('p-256', '{"crv": "Ed25519"}')),
  ('Ed25519, the neutral element', pg_temp.key('ed25519', jsonb_build_object('x', 'AQ' || repeat('A', 41)))),
  ('Ed25519, of order 2', pg_temp.key('ed25519', jsonb_build_object('x', '7P' || repeat('_', 39) || '38'))),
  ('Ed25519, of order 8', pg_temp.key('ed25519', '{"x": "xxdqcD1N2E-6PAt2DRBnDyogU_osOczGTsf9d5KsA3o"}')),
  ('Ed25519, beyond the field', pg_temp.key('ed25519', jsonb_build_object('x', repeat('_', 42) || '8'))),
  ('Ed25519, too long', pg_temp.key('ed25519', jsonb_build_object('x', repeat('A', 44))))) AS v (what, changed);
-- After all that the keys are the last that were taken.
SELECT jsonb_path_query_array(userdir.get_connection_jwks('many'), '$.keys[*].kid');

-- Documents that are no set, and one that is too large.
SELECT pg_temp.try($$SELECT userdir.set_connection_jwks('corp', NULL)$$);
SELECT pg_temp.try($$SELECT userdir.set_connection_jwks('corp', '[]')$$);
SELECT pg_temp.try($$SELECT userdir.set_connection_jwks('corp', '{"keys": {}}')$$);
SELECT pg_temp.try($$SELECT userdir.set_connection_jwks('corp', '"keys"')$$);
SELECT pg_temp.try($$SELECT userdir.set_connection_jwks('corp', jsonb_build_object('keys', (SELECT jsonb_agg(n) FROM generate_series(1, 101) n)))$$);
SELECT pg_temp.try($$SELECT userdir.set_connection_jwks('nowhere', '{"keys": []}')$$);
SELECT userdir.create_connection('passwords', 'auth0') IS NOT NULL AS created, pg_temp.try($$SELECT userdir.set_connection_jwks('passwords', '{"keys": []}')$$);
SELECT userdir.delete_connection('passwords') AS deleted;
SELECT pg_temp.try($$SELECT userdir.set_connection_jwks(NULL, '{"keys": []}')$$);
SELECT pg_temp.try($$SELECT userdir.get_connection_jwks('nowhere')$$);
SELECT pg_temp.try($$SELECT userdir.set_connection_jwks('corp', '{"keys": [{"kty": "EC", "crv": "secp256k1", "kid": "k1", "x": "AA", "y": "AA"}]}')$$);

-- What a token is taken for.
SELECT userdir.set_connection_jwks('many', :'jwks') IS NOT NULL AS set;
CREATE FUNCTION pg_temp.verify(connection text, token text, nonce text DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  RETURN 'ok ' || (userdir.verify_foreign_token(connection, token, nonce) ->> 'sub');
EXCEPTION WHEN OTHERS THEN
  RETURN sqlstate || ': ' || sqlerrm;
END $$;
SELECT userdir.verify_foreign_token('corp', :'rs256', 'n-1');
SELECT pg_temp.verify('corp', t) FROM unnest(ARRAY[:'es256', :'es384', :'es512', :'eddsa']) t;
SELECT pg_temp.verify('many', t) FROM unnest(ARRAY[:'rs384', :'ps256', :'es256', :'eddsa', :'rs256']) t;
SELECT pg_temp.verify('corp', t) FROM unnest(ARRAY[:'rs384', :'ps256', :'expired', :'early', :'issuer', :'audience', :'type', :'critical', :'unknown', :'confused']) t;
SELECT pg_temp.verify('corp', :'rs256', 'n-2');
SELECT pg_temp.verify('corp', NULL), pg_temp.verify('nowhere', :'es256');
-- Each character of a token counts.
SELECT pg_temp.verify('corp', overlay(:'es256' PLACING CASE substr(:'es256', n, 1) WHEN 'A' THEN 'B' ELSE 'A' END FROM n)) ~ '^(UD04|ok)' AS decided,
       count(*) FILTER (WHERE pg_temp.verify('corp', overlay(:'es256' PLACING CASE substr(:'es256', n, 1) WHEN 'A' THEN 'B' ELSE 'A' END FROM n)) LIKE 'ok%') AS accepted
  FROM generate_series(1, length(:'es256')) n GROUP BY 1;
SELECT count(*) AS accepted FROM generate_series(0, length(:'eddsa') - 1) n WHERE pg_temp.verify('corp', left(:'eddsa', n)) LIKE 'ok%';
SELECT pg_temp.try(format('SELECT userdir.verify_foreign_token(%L, %L)', 'corp', :'unknown'));
SELECT pg_temp.try(format('SELECT userdir.verify_foreign_token(%L, %L)', 'corp', :'rs384'));
SELECT pg_temp.try(format('SELECT userdir.verify_foreign_token(%L, %L)', 'corp', :'issuer'));
SELECT pg_temp.try(format('SELECT userdir.verify_foreign_token(%L, %L, leeway => %L)', 'corp', :'es256', '-1 s'));
SELECT pg_temp.try(format('SELECT userdir.verify_foreign_token(%L, %L, leeway => NULL)', 'corp', :'es256'));
SELECT pg_temp.try(format('SELECT userdir.verify_foreign_token(%L, %L)', 'corp', :'type'));
SELECT pg_temp.try(format('SELECT userdir.verify_foreign_token(%L, %L)', 'corp', userdir._make_token(k, 'auth0|1', '0123456789abcdef', 'x'))) FROM unnest('{at_,rt_}'::text[]) k;
-- No key is stored for an algorithm that there is not; if one were, nothing would be verified with it.
SELECT pg_temp.try(format('SELECT userdir._check_foreign_signature(%L, %L, %L)', :'es256', a, 'x')) FROM unnest(ARRAY['ES256K', 'none', '', repeat('é', 40)]) a;
-- A parameter of a statement, as an application has it.
PREPARE verify(userdir.secret) AS SELECT userdir.verify_foreign_token('corp', $1) ->> 'sub' AS sub;
EXECUTE verify(:'es256');

-- What the options must be.
SELECT pg_temp.try($$SELECT userdir.create_connection('x', 'oidc', '{"issuer": ["https://idp.example.com"]}')$$);
SELECT pg_temp.try($$SELECT userdir.create_connection('x', 'oidc', '{"client_id": 7}')$$);
SELECT pg_temp.try($$SELECT userdir.create_connection('x', 'waad', '{"tenantId": {}}')$$);
SELECT pg_temp.try($$SELECT userdir.create_connection('x', 'google-oauth2', '{"allowed_audiences": "app"}')$$);
SELECT pg_temp.try($$SELECT userdir.update_connection('corp', '{"options": {"id_token_signed_response_algs": ["RS256", 7]}}')$$);
SELECT userdir.create_connection('x', 'oidc', '{"issuer": null, "client_id": null, "allowed_audiences": null, "id_token_signed_response_algs": []}') ->> 'name' AS created;
SELECT pg_temp.verify('x', :'es256');
SELECT userdir.set_connection_jwks('x', :'jwks') IS NOT NULL AS set;
SELECT pg_temp.try(format('SELECT userdir.verify_foreign_token(%L, %L)', 'x', :'es256'));
SELECT userdir.update_connection('x', '{"options": {"issuer": "https://idp.example.com"}}') IS NOT NULL AS updated;
SELECT pg_temp.try(format('SELECT userdir.verify_foreign_token(%L, %L)', 'x', :'es256'));

-- Keys go with their connection.
SELECT userdir.delete_connection('x');
SELECT count(DISTINCT k.connection_id) AS connections_with_keys FROM userdir.connection_keys k;
