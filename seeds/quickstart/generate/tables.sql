-- A few million rows a month are sorted: with this limit a year of 50 million events needs less
-- than 4 GiB, and what does not fit goes to the disk.
SET memory_limit = '2GB';
SET enable_progress_bar = false;
SET autoinstall_known_extensions = false;
SET autoload_known_extensions = false;

-- draw(x, salt): a number in [0, 1) that depends on x, salt and the seed alone. Plain integer
-- arithmetic modulo 2^32, so that the data does not change when DuckDB's hash() does; the factor is
-- negative because its positive twin, 2654435761, would carry products beyond 64 bits.
CREATE MACRO scramble(x) AS (xor(x, x >> 16) * 73244475) % 4294967296;
CREATE MACRO draw(x, salt) AS
    scramble(scramble(
        ((x & 4294967295) * -1640531535 + salt * 97531 + getvariable('seed')::BIGINT * 7919)
            & 4294967295
    )) / 4294967296.0;
CREATE MACRO pick(choices, chance) AS choices[1 + floor(chance * len(choices))::BIGINT];

CREATE TABLE cohort (first_id BIGINT, last_id BIGINT, opens_us BIGINT, closes_us BIGINT);
-- The contacts of a story are those whose place is first_place or later, up to the next story.
CREATE TABLE story (
    story BIGINT, first_place BIGINT, opens_us BIGINT, closes_us BIGINT, lead_in_us BIGINT,
    first_stage VARCHAR, no_pricing BOOLEAN
);
CREATE TABLE beat (
    beat BIGINT, story BIGINT, kind VARCHAR, day_us BIGINT, spread_us BIGINT,
    key VARCHAR, value VARCHAR, fate VARCHAR, engagement VARCHAR, size VARCHAR
);
