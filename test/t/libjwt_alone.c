/*
 * libjwt_alone.c: libjwt without userdir, for the tests: what it accepts, what it signs, and what
 * the library userdir_jwt says.
 *
 * Reads lines of fields that tabs separate, and prints a line for each:
 *
 *     decode  PEMFILE TOKEN            the algorithm, or "refused"; an empty PEMFILE is no key
 *     encode  ALGORITHM PEMFILE CLAIMS the token
 *     judge   ALGORITHM PEMFILE TOKEN  the number of the judgement of the library named by argv[1]
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jwt.h>

typedef int Judge(const char *, size_t, const char *, const char *, size_t);

static char key[16384];

/* load_key reads a file; it ends the program when there is none. */
static size_t
load_key(const char *name)
{
	FILE *in;
	size_t length;

	if (name[0] == '\0')
		return 0;
	in = fopen(name, "rb");
	if (in == NULL)
	{
		perror(name);
		exit(1);
	}
	length = fread(key, 1, sizeof(key) - 1, in);
	fclose(in);
	key[length] = '\0';
	return length;
}

static void
decode(const char *file, const char *token)
{
	jwt_t *jwt = NULL;
	size_t length = load_key(file);
	const unsigned char *bytes = length > 0 ? (const unsigned char *)key : NULL;

	if (jwt_decode(&jwt, token, bytes, (int)length) == 0)
		printf("%s\n", jwt_alg_str(jwt_get_alg(jwt)));
	else
		printf("refused\n");
	jwt_free(jwt);
}

static void
encode(const char *algorithm, const char *file, const char *claims)
{
	jwt_t *jwt = NULL;
	size_t length = load_key(file);
	char *token = NULL;

	if (jwt_new(&jwt) != 0 || jwt_add_grants_json(jwt, claims) != 0 ||
		jwt_set_alg(jwt, jwt_str_alg(algorithm), (unsigned char *)key, (int)length) != 0 ||
		(token = jwt_encode_str(jwt)) == NULL)
		printf("refused\n");
	else
		printf("%s\n", token);
	free(token);
	jwt_free(jwt);
}

int
main(int argc, char **argv)
{
	void *library = argc > 1 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : NULL;
	Judge *judge = library != NULL ? (Judge *)dlsym(library, "ud_judge_token") : NULL;
	char *line = NULL;
	size_t room = 0;
	ssize_t length;

	if (judge == NULL)
	{
		fprintf(stderr, "%s\n", argc > 1 ? dlerror() : "which library?");
		return 1;
	}
	while ((length = getline(&line, &room, stdin)) > 0)
	{
		char *rest = line;
		char *field[4] = {"", "", "", ""};

		if (line[length - 1] == '\n')
			line[length - 1] = '\0';
		for (int i = 0; i < 4 && rest != NULL; i++)
			field[i] = strsep(&rest, "\t");

		if (strcmp(field[0], "decode") == 0)
			decode(field[1], field[2]);
		else if (strcmp(field[0], "encode") == 0)
			encode(field[1], field[2], field[3]);
		else if (strcmp(field[0], "judge") == 0)
		{
			size_t key_length = load_key(field[2]);

			printf("%d\n", judge(field[3], strlen(field[3]), field[1], key, key_length));
		}
		fflush(stdout);
	}
	free(line);
	return 0;
}
