#include <string.h>

#include "reports/report.h"

/* What a cell's member may be, as JSON Schema. */
static json_t *cell_schema(const struct column *column)
{
    json_t *schema = NULL;
    switch (column->cell) {
    case CELL_TEXT:
    case CELL_CODE:
    case CELL_DEPLOYMENT:
        schema = json_pack("{s:s}", "type", "string");
        break;
    case CELL_EVENT:
    case CELL_COUNT:
        schema = json_pack("{s:s, s:i}", "type", "integer", "minimum", 0);
        break;
    case CELL_NUMBER:
        schema = json_pack("{s:[s, s]}", "type", "number", "string");
        break;
    case CELL_TIME:
        schema = json_pack("{s:s, s:s}", "type", "string", "format", "date-time");
        break;
    case CELL_YES:
        schema = json_pack("{s:s}", "type", "boolean");
        break;
    }
    ASSERT(schema != NULL);
    ijson_put(schema, "description", json_string(column->means));
    return schema;
}

static json_t *sheet_schema(const struct sheet_form *form)
{
    json_t *properties = json_object(), *schema = json_object();
    for (size_t i = 0; i < form->column_count; i++)
        ijson_put(properties, form->columns[i].name, cell_schema(&form->columns[i]));
    ijson_put(schema, "type", json_string("array"));
    ijson_put(schema, "title", json_string(form->title));
    if (form->intro != NULL)
        ijson_put(schema, "description", json_string(form->intro));
    ijson_put(schema, "items",
              json_pack("{s:s, s:b, s:o}", "type", "object", "additionalProperties", 0,
                        "properties", properties));
    return schema;
}

/* Members of the head: their names, and their schema as text. */
struct member {
    const char *name, *schema;
};

static const struct member parameters[] = {
    {"from", "{\"type\": \"string\", \"format\": \"date-time\"}"},
    {"to", "{\"type\": \"string\", \"format\": \"date-time\"}"},
    {"size", "{\"type\": \"integer\", \"minimum\": 1}"},
    {"verify", "{\"enum\": [\"none\", \"hashes\", \"all\"]}"},
    {"sample", "{\"type\": \"integer\", \"minimum\": 0}"},
    {"seed", "{\"type\": \"string\"}"},
    {"rows", "{\"type\": \"integer\", \"minimum\": 0}"},
    {"platform_sha256", "{\"type\": \"string\", \"pattern\": \"^[0-9a-f]{64}$\"}"},
};

#define COUNT "{\"type\": \"integer\", \"minimum\": 0}"
#define TEXT "{\"type\": \"string\"}"
#define HASH "{\"type\": \"string\", \"pattern\": \"^[0-9a-f]{64}$\"}"

static const struct member cover[] = {
    {"origin", TEXT},
    {"ledger", HASH},
    {"simulated", "{\"type\": \"boolean\"}"},
    {"size", COUNT},
    {"root", HASH},
    {"key", "{\"type\": \"string\", \"description\": \"The vkey that checks the checkpoint of "
            "that size\"}"},
    {"as_of", "{\"type\": \"string\", \"format\": \"date-time\", \"description\": \"The period's "
              "end, or the last entry's time if that is earlier\"}"},
    {"entries", COUNT},
    {"signatures", COUNT},
    {"deployments", COUNT},
    {"counted", COUNT},
    {"exceptions", COUNT},
    {"verification", TEXT},
    {"reconciliation", TEXT},
    {"outside_times", TEXT},
    {"completeness", TEXT},
    {"disposal", TEXT},
    {"how_to_verify", "{\"type\": \"array\", \"items\": {\"type\": \"string\"}}"},
};

/* An object with these members, all but ${optional} of which must be there. */
static json_t *object_schema(const struct member *members, size_t count, const char *optional)
{
    json_t *properties = json_object(), *required = json_array();
    for (size_t i = 0; i < count; i++) {
        json_t *schema = NULL;
        ASSERT(ijson_parse(members[i].schema, strlen(members[i].schema), &schema, NULL) == ERR_OK);
        ijson_put(properties, members[i].name, schema);
        if (optional == NULL || strcmp(members[i].name, optional) != 0)
            json_array_append_new(required, json_string(members[i].name));
    }
    return json_pack("{s:s, s:b, s:o, s:o}", "type", "object", "additionalProperties", 0,
                     "required", required, "properties", properties);
}

void report_schema(struct buf *buf)
{
    json_t *properties = json_object(), *required = json_array();
    ijson_put(properties, "report", json_pack("{s:s}", "const", PARAMS_REPORT));
    ijson_put(properties, "carried",
              json_pack("{s:s, s:s}", "type", "string", "description",
                        "The parameters as one word, by which `report --check` makes it again"));
    ijson_put(
        properties, "parameters",
        object_schema(parameters, sizeof(parameters) / sizeof(parameters[0]), "platform_sha256"));
    ijson_put(properties, "cover", object_schema(cover, sizeof(cover) / sizeof(cover[0]), NULL));
    for (enum form form = 0; form < FORM_COUNT; form++)
        ijson_put(properties, forms_of(form)->name, sheet_schema(forms_of(form)));
    const char *name;
    json_t *value;
    json_object_foreach (properties, name, value) {
        json_array_append_new(required, json_string(name));
    }
    json_t *schema = json_pack(
        "{s:s, s:s, s:s, s:s, s:b, s:o, s:o}", "$schema",
        "https://json-schema.org/draft/2020-12/schema", "title", "Audit report of a period",
        "description",
        "What `countersign report --format json` writes. Cells that are empty are left out of "
        "their row.",
        "type", "object", "additionalProperties", 0, "required", required, "properties",
        properties);
    ijson_pretty(schema, buf);
    json_decref(schema);
}
