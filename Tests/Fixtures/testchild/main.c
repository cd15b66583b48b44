// A child that behaves and misbehaves on request.
#include "verbs.h"

#include <stdio.h>
#include <string.h>

static const verb *const tables[] = {life_verbs, tree_verbs, describe_verbs};

int main(int count, char **arguments) {
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        for (const verb *each = tables[i]; each->name; each++)
            if (count > 1 && strcmp(arguments[1], each->name) == 0) return each->run(count - 2, arguments + 2);
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        for (const verb *each = tables[i]; each->name; each++) fprintf(stderr, "testchild %s %s\n", each->name, each->arguments);
    return 64;
}
