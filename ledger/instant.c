#include "ledger/instant.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define DAY_BYTES 10 /* 2026-03-01 */

/* Days from 1970-01-01 by counting from March, so that the leap day is the last of its year. */
static int64_t days_from_civil(int year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = y / 400, year_of_era = y % 400;
    int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
           719468;
}

static void civil_from_days(int64_t days, int *year, int *month, int *day)
{
    days += 719468;
    int64_t era = days / 146097, doe = days % 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t shifted = (5 * doy + 2) / 153;
    *day = (int)(doy - (153 * shifted + 2) / 5 + 1);
    *month = (int)(shifted < 10 ? shifted + 3 : shifted - 9);
    *year = (int)(yoe + era * 400 + (*month <= 2 ? 1 : 0));
}

int64_t instant_from_date(int year, int month, int day)
{
    return days_from_civil(year, month, day) * INSTANT_DAY_US;
}

static bool digits(const char **text, int count, int *ret)
{
    int value = 0;
    for (int i = 0; i < count; i++) {
        char c = (*text)[i];
        if (c < '0' || c > '9')
            return false;
        value = value * 10 + (c - '0');
    }
    *text += count;
    *ret = value;
    return true;
}

static bool expect(const char **text, const char *any_of)
{
    for (const char *c = any_of; *c != '\0'; c++) {
        if (**text == *c) {
            (*text)++;
            return true;
        }
    }
    return false;
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month == 2 && leap ? 29 : days[month - 1];
}

static bool parse_fraction(const char **text, int64_t *ret_us)
{
    int64_t us = 0, unit = 100000;
    int count = 0;
    if (!expect(text, "."))
        return true;
    for (; **text >= '0' && **text <= '9'; (*text)++, count++, unit /= 10)
        us += (**text - '0') * unit;
    *ret_us = us;
    return count >= 1 && count <= 9;
}

static bool parse_offset(const char **text, int64_t *ret_minutes)
{
    int hours, minutes;
    bool west = **text == '-';
    if (expect(text, "Zz"))
        return true;
    if (!expect(text, "+-") || !digits(text, 2, &hours) || !expect(text, ":") ||
        !digits(text, 2, &minutes) || hours > 23 || minutes > 59)
        return false;
    *ret_minutes = (west ? -1 : 1) * (hours * 60LL + minutes);
    return true;
}

bool instant_parse(const char *text, int64_t *ret_us)
{
    int year, month, day, hour, minute, second;
    int64_t us = 0, offset_minutes = 0;
    if (!digits(&text, 4, &year) || !expect(&text, "-") || !digits(&text, 2, &month) ||
        !expect(&text, "-") || !digits(&text, 2, &day) || !expect(&text, "Tt") ||
        !digits(&text, 2, &hour) || !expect(&text, ":") || !digits(&text, 2, &minute) ||
        !expect(&text, ":") || !digits(&text, 2, &second))
        return false;
    if (!parse_fraction(&text, &us) || !parse_offset(&text, &offset_minutes) || *text != '\0')
        return false;
    if (month < 1 || month > 12 || day < 1 || day > days_in_month(year, month) || hour > 23 ||
        minute > 59 || second > 60)
        return false;
    int64_t minutes = hour * 60LL + minute - offset_minutes;
    us += instant_from_date(year, month, day) + minutes * INSTANT_MINUTE_US +
          second * INSTANT_SECOND_US;
    if (us < 0 || us >= instant_from_date(10000, 1, 1))
        return false;
    *ret_us = us;
    return true;
}

/* A number with leading zeros, and what stands behind it. */
static char *put(char *at, int64_t number, int count, char behind)
{
    for (int i = count; i-- > 0; number /= 10)
        at[i] = (char)('0' + number % 10);
    at[count] = behind;
    return at + count + 1;
}

/* The text as far as the seconds; gives where they end. */
static char *instant_print(int64_t us, char ret[INSTANT_TEXT_BYTES], char between)
{
    int year, month, day;
    ASSERT(us >= 0 && us < instant_from_date(10000, 1, 1));
    civil_from_days(us / INSTANT_DAY_US, &year, &month, &day);
    int64_t second = us % INSTANT_DAY_US / INSTANT_SECOND_US;
    char *at = put(ret, year, 4, '-');
    at = put(at, month, 2, '-');
    at = put(at, day, 2, between);
    at = put(at, second / 3600, 2, ':');
    at = put(at, second / 60 % 60, 2, ':');
    return put(at, second % 60, 2, '\0') - 1;
}

void instant_format(int64_t us, char ret[INSTANT_TEXT_BYTES])
{
    char *at = instant_print(us, ret, 'T');
    *at = '.';
    at = put(at + 1, us % INSTANT_SECOND_US, 6, 'Z');
    *at = '\0';
}

void instant_short(int64_t us, char ret[INSTANT_TEXT_BYTES])
{
    instant_print(us, ret, ' ');
}

bool instant_parse_day(const char *text, int64_t *ret_us)
{
    char moment[INSTANT_TEXT_BYTES];
    if (strlen(text) != DAY_BYTES)
        return false;
    snprintf(moment, sizeof(moment), "%sT00:00:00Z", text);
    return instant_parse(moment, ret_us);
}

void instant_day(int64_t us, char ret[INSTANT_TEXT_BYTES])
{
    instant_print(us, ret, '\0');
}
