-- The views and macros of a release, in the order in which they build on each other.
--
-- "-- VIEW name | 中文 | English" opens a view, "-- STORED name | ..." one whose rows are worked out once, when the release is built
-- (it reads far more than it says: every mention, or every expected report), "-- MACRO name(parameters) | 中文 | English" a macro;
-- "-- COLUMN name | 中文 | English | unit" says what a column means where no table has a column of that name; $indicators stands for one
-- column an indicator, taken from the map "cells" (warehouse/catalog.py reads all this, and a test holds every column of every view to
-- having a meaning). Filters on report_year, township_code and indicator reach the sorted tables through every view below; that is why
-- reports are joined by township and year: one is published for each (warehouse/checks.py), and a report_id costs three times as much.

-- VIEW indicator_values | 指标值（分析用主表） | the analyst's table: every observation with its names
-- COLUMN partial | 是否不足一年 | whether the report's figures cover less than the year
CREATE VIEW indicator_values AS
SELECT t.township_code, t.township, t.kind, t.county_code, t.county, t.city_code, t.city, t.province_code, t.province,
       o.report_year, i.indicator, i.name_zh, i.name_en, i.domain, i.aggregation,
       o.value, o.value_high, o.unit, o.qualifier, o.status, r.partial, r.published_on,
       o.report_id, o.ordinal, o.rivals, o.machine_value
FROM observations o
JOIN townships t ON t.township_code = o.township_code
JOIN indicators i ON i.indicator = o.indicator
JOIN reports r ON r.township_code = o.township_code AND r.report_year = o.report_year AND r.status = 'published';

-- VIEW year_over_year | 同比（可比性说明） | each value beside the year before, and whether the two may be compared
-- COLUMN previous_value | 上年值 | value of the year before
-- COLUMN change | 增减 | value minus the year before
-- COLUMN percent | 增减幅度 | change in percent of the year before | %
-- COLUMN comparable | 是否可比 | whether nothing speaks against the comparison
-- COLUMN reasons | 不可比原因 | why not: no_previous, no_value, conflict, range, qualifier, unit, partial_year, rules, correction
CREATE VIEW year_over_year AS
SELECT now.* EXCLUDE (value_high, qualifier, status, partial, published_on, report_id, ordinal, rivals, machine_value),
       now.qualifier, now.status, before.value AS previous_value,
       now.value - before.value AS change,
       CAST(round(100 * (now.value - before.value) / nullif(before.value, 0), 2) AS DECIMAL(38, 2)) AS percent,
       list_filter([
         CASE WHEN before.township_code IS NULL THEN 'no_previous' END,
         CASE WHEN now.status <> 'conflict' AND now.value IS NULL
                OR before.status <> 'conflict' AND before.value IS NULL THEN 'no_value' END,
         CASE WHEN now.status = 'conflict' OR before.status = 'conflict' THEN 'conflict' END,
         CASE WHEN now.value_high IS NOT NULL OR before.value_high IS NOT NULL THEN 'range' END,
         CASE WHEN now.qualifier <> 'exact' OR before.qualifier <> 'exact' THEN 'qualifier' END,
         CASE WHEN now.unit <> before.unit THEN 'unit' END,
         CASE WHEN now.partial OR before_report.partial THEN 'partial_year' END,
         CASE WHEN now_report.rules <> before_report.rules THEN 'rules' END,
         CASE WHEN now.status = 'corrected' OR before.status = 'corrected' THEN 'correction' END
       ], lambda reason: reason IS NOT NULL) AS reasons,
       len(reasons) = 0 AS comparable
FROM indicator_values now
JOIN reports now_report
  ON now_report.township_code = now.township_code AND now_report.report_year = now.report_year
 AND now_report.status = 'published'
LEFT JOIN observations before
  ON before.township_code = now.township_code AND before.indicator = now.indicator
 AND before.report_year = now.report_year - 1
LEFT JOIN reports before_report
  ON before_report.township_code = before.township_code AND before_report.report_year = before.report_year
 AND before_report.status = 'published';

-- VIEW township_comparison | 横向比较（县、市、省、同类内排名） | rank, percentile and z-score among peers of the same year; part-year flows and cells without a value do not take part
-- COLUMN rank_in_county | 县内名次（数值从大到小） | rank within the county, the largest value first
-- COLUMN of_county | 县内参比数 | units of the county that have a value | 个
-- COLUMN percentile_in_county | 县内百分位 | percent of the county's other units with a smaller value | %
-- COLUMN z_in_county | 县内标准分 | standard deviations above the county's mean
-- COLUMN rank_in_city | 市内名次 | rank within the prefecture
-- COLUMN of_city | 市内参比数 | units of the prefecture that have a value | 个
-- COLUMN percentile_in_city | 市内百分位 | percent of the prefecture's other units with a smaller value | %
-- COLUMN z_in_city | 市内标准分 | standard deviations above the prefecture's mean
-- COLUMN rank_in_province | 省内名次 | rank within the province
-- COLUMN of_province | 省内参比数 | units of the province that have a value | 个
-- COLUMN percentile_in_province | 省内百分位 | percent of the province's other units with a smaller value | %
-- COLUMN z_in_province | 省内标准分 | standard deviations above the province's mean
-- COLUMN rank_in_kind | 省内同类单位名次 | rank among the province's units of the same kind
-- COLUMN of_kind | 省内同类参比数 | units of the province of the same kind that have a value | 个
-- COLUMN percentile_in_kind | 省内同类百分位 | percent of the other units of the same kind in the province with a smaller value | %
-- COLUMN z_in_kind | 省内同类标准分 | standard deviations above the mean of the same kind in the province
CREATE VIEW township_comparison AS
SELECT township_code, township, kind, county_code, county, city_code, city, province_code, province,
       report_year, indicator, name_zh, name_en, domain, aggregation, value, unit, qualifier, status,
       rank() OVER (in_county ORDER BY value DESC) AS rank_in_county,
       count(*) OVER in_county AS of_county,
       round(100 * percent_rank() OVER (in_county ORDER BY value), 2) AS percentile_in_county,
       round((value - avg(value) OVER in_county) / nullif(stddev_samp(value) OVER in_county, 0), 3) AS z_in_county,
       rank() OVER (in_city ORDER BY value DESC) AS rank_in_city,
       count(*) OVER in_city AS of_city,
       round(100 * percent_rank() OVER (in_city ORDER BY value), 2) AS percentile_in_city,
       round((value - avg(value) OVER in_city) / nullif(stddev_samp(value) OVER in_city, 0), 3) AS z_in_city,
       rank() OVER (in_province ORDER BY value DESC) AS rank_in_province,
       count(*) OVER in_province AS of_province,
       round(100 * percent_rank() OVER (in_province ORDER BY value), 2) AS percentile_in_province,
       round((value - avg(value) OVER in_province) / nullif(stddev_samp(value) OVER in_province, 0), 3)
         AS z_in_province,
       rank() OVER (in_kind ORDER BY value DESC) AS rank_in_kind,
       count(*) OVER in_kind AS of_kind,
       round(100 * percent_rank() OVER (in_kind ORDER BY value), 2) AS percentile_in_kind,
       round((value - avg(value) OVER in_kind) / nullif(stddev_samp(value) OVER in_kind, 0), 3) AS z_in_kind
FROM indicator_values
WHERE value IS NOT NULL AND NOT (partial AND aggregation = 'flow')
WINDOW in_county AS (PARTITION BY report_year, indicator, county_code),
       in_city AS (PARTITION BY report_year, indicator, city_code),
       in_province AS (PARTITION BY report_year, indicator, province_code),
       in_kind AS (PARTITION BY report_year, indicator, province_code, kind);

-- VIEW county_totals | 县级合计（注明参加合计的单位数） | sums over a county's units, always with how many of how many are in the sum
-- COLUMN total | 合计（比率无合计） | sum of the values; empty for rates, which cannot be added
-- COLUMN counted | 参加合计的单位数 | units whose value is in the sum | 个
-- COLUMN units | 县内乡级单位数 | township-level units of the county in the registry | 个
-- COLUMN complete | 是否齐全 | whether every unit of the county is in the sum, with a full year
-- COLUMN inexact | 约数个数 | values in the sum that the report does not give exactly | 个
-- COLUMN partial_years | 不足一年的个数 | values in the sum that cover less than the year | 个
-- COLUMN smallest | 最小值 | smallest value
-- COLUMN middle | 中位数 | median
-- COLUMN largest | 最大值 | largest value
CREATE VIEW county_totals AS
SELECT v.county_code, any_value(v.county) AS county, any_value(v.city_code) AS city_code, any_value(v.city) AS city,
       any_value(v.province_code) AS province_code, any_value(v.province) AS province, v.report_year, v.indicator,
       any_value(v.name_zh) AS name_zh, any_value(v.name_en) AS name_en, any_value(v.unit) AS unit,
       sum(v.value) FILTER (v.aggregation <> 'rate') AS total,
       count(v.value) AS counted,
       any_value(c.units) AS units,
       count(v.value) = any_value(c.units) AND count(*) FILTER (v.partial AND v.value IS NOT NULL) = 0 AS complete,
       count(*) FILTER (v.value IS NOT NULL AND (v.qualifier <> 'exact' OR v.value_high IS NOT NULL)) AS inexact,
       count(*) FILTER (v.partial AND v.value IS NOT NULL) AS partial_years,
       min(v.value) AS smallest,
       CAST(median(v.value) AS DECIMAL(24, 6)) AS middle,
       max(v.value) AS largest
FROM indicator_values v
JOIN (SELECT county_code, count(*) AS units FROM townships GROUP BY county_code) c ON c.county_code = v.county_code
GROUP BY v.county_code, v.report_year, v.indicator;

-- VIEW rates | 人均与村均 | values per ten thousand people and per village, where the base is known
-- COLUMN people | 人口基数 | population of the same report | 人
-- COLUMN per_10000_people | 每万人 | value per ten thousand people
-- COLUMN villages | 村（社区）基数 | villages and communities | 个
-- COLUMN villages_from | 村数来源 | where the number of villages comes from: report or registry
-- COLUMN per_village | 村（社区）均 | value per village or community
CREATE VIEW rates AS
SELECT v.* EXCLUDE (rivals, machine_value, ordinal, value_high),
       p.value AS people,
       CAST(round(10000 * v.value / nullif(p.value, 0), 4) AS DECIMAL(38, 4)) AS per_10000_people,
       coalesce(w.value, nullif(t.village_count, 0)) AS villages,
       CASE WHEN w.value IS NOT NULL THEN 'report' WHEN t.village_count > 0 THEN 'registry' END AS villages_from,
       CAST(round(v.value / nullif(coalesce(w.value, t.village_count), 0), 4) AS DECIMAL(38, 4)) AS per_village
FROM indicator_values v
JOIN townships t ON t.township_code = v.township_code
LEFT JOIN observations p
  ON p.township_code = v.township_code AND p.report_year = v.report_year AND p.indicator = 'resident_population'
LEFT JOIN observations w
  ON w.township_code = v.township_code AND w.report_year = v.report_year AND w.indicator = 'villages_communities'
WHERE v.aggregation <> 'rate' AND v.value IS NOT NULL
  AND v.indicator NOT IN ('resident_population', 'villages_communities');

-- VIEW wide | 宽表（一乡镇一年一行，一指标一列） | one row per township and year, one column per indicator of the dictionary
CREATE VIEW wide AS
SELECT * EXCLUDE (cells), $indicators
FROM (
  SELECT t.township_code, t.township, t.kind, t.county_code, t.county, t.city_code, t.city, t.province_code, t.province,
         r.report_year, r.partial, map_from_entries(list((o.indicator, o.value)) FILTER (o.indicator IS NOT NULL)) AS cells
  FROM reports r
  JOIN townships t ON t.township_code = r.township_code
  LEFT JOIN observations o ON o.township_code = r.township_code AND o.report_year = r.report_year
  WHERE r.status = 'published'
  GROUP BY ALL
);

-- VIEW evidence | 证据链（数值—提及—句子—来源） | from a value to its sentence and to where the report was found
CREATE VIEW evidence AS
SELECT v.township_code, v.township, v.county, v.report_year, v.indicator, v.name_zh, v.name_en,
       v.value, v.unit, v.qualifier, v.status, v.machine_value, v.rivals,
       m.surface, m.sentence, m.section, m.rule, m.confidence, m.damaged,
       m."start", m."end", m.source_start, m.source_end,
       r.title, r.publisher, r.published_on, r.source_uri, r.retrieved_at, r.sha256, v.report_id, v.ordinal
FROM indicator_values v
JOIN reports r ON r.township_code = v.township_code AND r.report_year = v.report_year AND r.status = 'published'
LEFT JOIN mentions m ON m.report_id = v.report_id AND m.ordinal = v.ordinal AND m.report_year = v.report_year;

-- STORED report_status | 每份应有报告的情况 | what became of each report that ought to exist
-- COLUMN outcome | 情况 | received, quarantined, unreadable, refused or not_published
-- COLUMN due_on | 法定公开期限 | by when it had to be public: 1 April of the year after
-- COLUMN on_time | 是否按时公开 | whether it was public by 1 April; empty where its date is unknown
CREATE TABLE report_status AS
SELECT t.township_code, t.township, t.kind, t.county_code, t.county, t.city_code, t.city, t.province_code, t.province,
       e.report_year, e.ground,
       CASE WHEN r.status = 'published' THEN 'received'
            WHEN r.status = 'quarantined' THEN 'quarantined'
            WHEN f.unreadable THEN 'unreadable'
            WHEN f.unreadable IS NOT NULL THEN 'refused'
            ELSE 'not_published' END AS outcome,
       r.report_id, r.published_on, r.period_end,
       make_date(e.report_year + 1, 4, 1) AS due_on,
       CASE WHEN r.status = 'published' THEN r.published_on <= make_date(e.report_year + 1, 4, 1) END AS on_time
FROM expected e
JOIN townships t ON t.township_code = e.township_code
LEFT JOIN (
  SELECT township_code, report_year, min(status) AS status, arg_min(report_id, (status, report_id)) AS report_id,
         arg_min(published_on, (status, report_id)) AS published_on,
         arg_min(period_end, (status, report_id)) AS period_end
  FROM reports
  WHERE status <> 'superseded'
  GROUP BY township_code, report_year
) r ON r.township_code = e.township_code AND r.report_year = e.report_year
LEFT JOIN (
  SELECT coalesce(x.township_code, s.township_code) AS township_code,
         coalesce(x.report_year, s.report_year) AS report_year,
         bool_or(x.reason IN ('unsupported_format', 'too_large', 'encrypted', 'no_text_layer', 'undecodable', 'empty',
                              'fetch_failed', 'failed')) AS unreadable
  FROM refusals x
  LEFT JOIN sources s ON s.sha256 = x.sha256 AND s.source_uri = x.source_uri
  WHERE x.reason <> 'duplicate' AND coalesce(x.township_code, s.township_code) IS NOT NULL
  GROUP BY ALL
) f ON f.township_code = e.township_code AND f.report_year = e.report_year
ORDER BY e.report_year, e.township_code;

-- STORED coverage | 覆盖情况（应有、收到、缺报、按时公开） | expected, received, missing, refused and on time, by county, city, province and year
-- COLUMN level | 层级 | county, city or province: one row for each area of each level; choose one before summing
-- COLUMN area_code | 地区代码 | code of the county, city or province
-- COLUMN area | 地区 | the county, city or province
-- COLUMN expected | 应有报告数 | reports that ought to exist | 份
-- COLUMN received | 收到并发布 | received and published in this release | 份
-- COLUMN missing | 缺报 | expected and not received, for whatever reason: the sum of the next four | 份
-- COLUMN quarantined | 隔离 | kept out by a critical finding | 份
-- COLUMN unreadable | 无法读取 | found but not readable | 份
-- COLUMN refused | 不予采用 | found but not the report of this township and year | 份
-- COLUMN not_published | 未见公开 | nothing was found | 份
-- COLUMN on_time | 按时公开 | of those received, public by 1 April of the year after | 份
-- COLUMN late | 逾期公开 | of those received, public after 1 April | 份
-- COLUMN undated | 日期不明 | of those received, without a date of publication | 份
-- COLUMN part_year | 只报部分月份 | of those received, covering nine months or less (half a year, a quarter): the year's report is still to come | 份
-- COLUMN received_percent | 收到比例 | received of expected | %
CREATE TABLE coverage AS
-- A province-level city stands in the place of its own prefectures (5001 and 5002 are both 重庆市): one row, not two.
WITH placed AS (
  SELECT *, CASE WHEN city = province THEN province_code || '01' ELSE city_code END AS seat FROM report_status
)
SELECT CASE WHEN grouping(county_code) = 0 THEN 'county' WHEN grouping(seat) = 0 THEN 'city' ELSE 'province' END
         AS level,
       coalesce(county_code, seat, province_code) AS area_code, coalesce(county, city, province) AS area,
       county_code, county, CASE WHEN grouping(county_code) = 0 THEN any_value(city_code) ELSE seat END AS city_code,
       city, province_code, province, report_year,
       count(*) AS expected,
       count(*) FILTER (outcome = 'received') AS received,
       count(*) FILTER (outcome <> 'received') AS missing,
       count(*) FILTER (outcome = 'quarantined') AS quarantined,
       count(*) FILTER (outcome = 'unreadable') AS unreadable,
       count(*) FILTER (outcome = 'refused') AS refused,
       count(*) FILTER (outcome = 'not_published') AS not_published,
       count(*) FILTER (on_time) AS on_time,
       count(*) FILTER (NOT on_time) AS late,
       count(*) FILTER (outcome = 'received' AND on_time IS NULL) AS undated,
       count(*) FILTER (outcome = 'received' AND period_end < make_date(report_year, 10, 1)) AS part_year,
       CAST(round(100 * count(*) FILTER (outcome = 'received') / count(*), 1) AS DECIMAL(5, 1)) AS received_percent
FROM placed
GROUP BY GROUPING SETS (
  (province_code, province, seat, city, county_code, county, report_year),
  (province_code, province, seat, city, report_year),
  (province_code, province, report_year)
)
ORDER BY report_year, level, area_code;

-- VIEW absences | 空缺原因（应有报告 × 指标） | why a cell of the expected grid has no value
-- COLUMN reason | 原因 | not_mentioned, not_published, unreadable, refused, ambiguous, quarantined or dropped (by a correction)
CREATE VIEW absences AS
SELECT s.township_code, s.report_year, i.indicator,
       CASE WHEN o.status = 'conflict' THEN 'ambiguous'
            WHEN o.status = 'corrected' THEN 'dropped'
            WHEN o.status IS NOT NULL THEN 'ambiguous'
            WHEN s.outcome = 'received' THEN 'not_mentioned'
            ELSE s.outcome END AS reason,
       i.name_zh, i.name_en, s.township, s.county_code, s.county, s.report_id
FROM report_status s
CROSS JOIN indicators i
LEFT JOIN observations o
  ON o.report_year = s.report_year AND o.township_code = s.township_code AND o.indicator = i.indicator
WHERE o.value IS NULL;

-- STORED unmapped_by_year | 各年度未归入指标的数量（字典缺口） | what the dictionary lacks, by year: counted nouns that no indicator fits
-- COLUMN mentions | 提及数 | mentions | 处
-- COLUMN reports | 报告数 | reports that have such a mention | 份
-- COLUMN smallest | 最小值 | smallest value
-- COLUMN largest | 最大值 | largest value
-- COLUMN example | 例句 | a sentence that has one
-- COLUMN example_report | 例句所在报告 | the report of that sentence
CREATE TABLE unmapped_by_year AS
SELECT report_year, head, unit_surface, count(*) AS mentions, count(DISTINCT report_id) AS reports,
       min(value) AS smallest, max(value) AS largest,
       arg_min(sentence, (report_id, ordinal)) AS example, min(report_id) AS example_report
FROM mentions
WHERE $years AND kind IN ('actual', 'zero') AND scope = 'township' AND len(indicators) = 0
GROUP BY report_year, head, unit_surface
ORDER BY report_year, mentions DESC, head, unit_surface;

-- VIEW unmapped_mentions | 未归入指标的数量（字典缺口） | what the dictionary lacks: counted nouns that no indicator fits, by frequency
-- COLUMN mentions | 提及数 | mentions | 处
-- COLUMN reports | 报告数 | reports that have such a mention | 份
-- COLUMN smallest | 最小值 | smallest value
-- COLUMN largest | 最大值 | largest value
-- COLUMN example | 例句 | a sentence that has one
-- COLUMN example_report | 例句所在报告 | the report of that sentence
CREATE VIEW unmapped_mentions AS
SELECT head, unit_surface, sum(mentions)::BIGINT AS mentions, sum(reports)::BIGINT AS reports,
       min(smallest) AS smallest, max(largest) AS largest,
       arg_min(example, example_report) AS example, min(example_report) AS example_report
FROM unmapped_by_year
GROUP BY head, unit_surface
ORDER BY mentions DESC, head, unit_surface;

-- VIEW correction_audit | 更正审计（前后对照） | every correction with the value before and after, and its sentence
-- COLUMN expected_value | 更正前的值 | the machine value that it was made against
-- COLUMN current_value | 现值 | what the cell holds now
-- COLUMN current_status | 现状态 | status of the cell now
CREATE VIEW correction_audit AS
SELECT c.township_code, t.township, c.report_year, c.indicator, i.name_zh, c.action, x.outcome, x.before, x.after, x.detail,
       c.value, c.remap_to, c.expected AS expected_value, c.reason, c.author, c.decided_on,
       o.value AS current_value, o.status AS current_status, m.sentence
FROM corrections c
LEFT JOIN correction_outcomes x
  ON x.township_code = c.township_code AND x.report_year = c.report_year AND x.indicator = c.indicator
LEFT JOIN townships t ON t.township_code = c.township_code
LEFT JOIN indicators i ON i.indicator = c.indicator
LEFT JOIN observations o
  ON o.township_code = c.township_code AND o.report_year = c.report_year AND o.indicator = c.indicator
LEFT JOIN mentions m ON m.report_id = o.report_id AND m.ordinal = o.ordinal AND m.report_year = o.report_year;

-- MACRO trend(a_township, an_indicator) | 某乡镇某指标的历年值 | one township's indicator through the years; codes or names
CREATE MACRO trend(a_township, an_indicator) AS TABLE
SELECT y.township_code, y.township, y.report_year, y.indicator, y.name_zh, y.value, y.unit, y.qualifier, y.status,
       y.change, y.percent, y.comparable, y.reasons
FROM year_over_year y
WHERE (y.township_code = a_township OR y.township = a_township)
  AND (y.indicator = an_indicator OR y.name_zh = an_indicator)
ORDER BY y.township_code, y.indicator, y.report_year;

-- MACRO compare(an_indicator, a_year, a_prefix) | 某指标某年的横向比较 | every unit under a code prefix in one year, ranked, those without a value last and with the reason
CREATE MACRO compare(an_indicator, a_year, a_prefix) AS TABLE
SELECT CASE WHEN v.value IS NOT NULL THEN rank() OVER (PARTITION BY i.indicator ORDER BY v.value DESC NULLS LAST) END
         AS rank,
       s.township_code, s.township, s.county, i.indicator, i.name_zh, v.value, i.unit, v.qualifier,
       coalesce(CASE WHEN v.value IS NULL AND v.status = 'conflict' THEN 'ambiguous'
                     WHEN v.value IS NULL AND v.status = 'corrected' THEN 'dropped' ELSE v.status END,
                CASE WHEN s.outcome = 'received' THEN 'not_mentioned' ELSE s.outcome END) AS status
FROM report_status s
CROSS JOIN indicators i
LEFT JOIN observations v
  ON v.township_code = s.township_code AND v.report_year = s.report_year AND v.indicator = i.indicator
 AND v.report_year = a_year
WHERE an_indicator IN (i.indicator, i.name_zh) AND s.report_year = a_year AND starts_with(s.township_code, a_prefix)
ORDER BY rank NULLS LAST, s.township_code;

-- MACRO standing(a_township, a_year) | 某乡镇某年各指标在县、市、省内的名次 | one township's ranks in a year, every indicator
CREATE MACRO standing(a_township, a_year) AS TABLE
SELECT mine.township_code, mine.township, mine.report_year, mine.indicator, mine.name_zh, mine.value, mine.unit,
       1 + count(*) FILTER (peer.value > mine.value AND peer.county_code = mine.county_code) AS rank_in_county,
       count(*) FILTER (peer.county_code = mine.county_code) AS of_county,
       1 + count(*) FILTER (peer.value > mine.value AND peer.city_code = mine.city_code) AS rank_in_city,
       count(*) FILTER (peer.city_code = mine.city_code) AS of_city,
       1 + count(*) FILTER (peer.value > mine.value) AS rank_in_province,
       count(*) AS of_province
FROM indicator_values mine
JOIN indicator_values peer
  ON peer.indicator = mine.indicator AND peer.report_year = mine.report_year AND peer.province_code = mine.province_code
WHERE mine.report_year = a_year AND peer.report_year = a_year
  AND peer.province_code IN (
    SELECT t.province_code FROM townships t WHERE t.township_code = a_township OR t.township = a_township)
  AND (mine.township_code = a_township OR mine.township = a_township)
  AND mine.value IS NOT NULL AND NOT (mine.partial AND mine.aggregation = 'flow')
  AND peer.value IS NOT NULL AND NOT (peer.partial AND peer.aggregation = 'flow')
GROUP BY ALL
ORDER BY mine.township_code, mine.indicator;

-- MACRO outliers(a_prefix) | 偏离县内平均的数值 | every value of the units under a code prefix beside its county's mean; part-year flows do not take part
CREATE MACRO outliers(a_prefix) AS TABLE
SELECT * FROM (
  SELECT v.township_code, v.township, v.county_code, v.county, v.report_year, v.indicator, v.name_zh, v.value, v.unit,
         v.qualifier, v.status, count(*) OVER peers AS of_county, CAST(avg(v.value) OVER peers AS DECIMAL(38, 2)) AS mean,
         round((v.value - avg(v.value) OVER peers) / nullif(stddev_samp(v.value) OVER peers, 0), 3) AS z_in_county
  FROM indicator_values v
  WHERE starts_with(v.county_code, a_prefix[1:6]) AND v.value IS NOT NULL AND NOT (v.partial AND v.aggregation = 'flow')
  WINDOW peers AS (PARTITION BY v.report_year, v.indicator, v.county_code)
)
WHERE starts_with(township_code, a_prefix)
ORDER BY abs(z_in_county) DESC NULLS LAST, report_year, township_code, indicator;

-- MACRO explain(a_township, a_year, an_indicator) | 一个数值的来龙去脉 | one cell: value, sentence, source, rivals, correction, findings, or why it is empty
CREATE MACRO explain(a_township, a_year, an_indicator) AS TABLE
SELECT s.township_code, s.township, s.county, s.report_year, i.indicator, i.name_zh, i.definition,
       e.value, i.unit, e.qualifier,
       CASE WHEN e.value IS NOT NULL OR e.status = 'conflict' THEN e.status
            WHEN e.status = 'corrected' THEN 'dropped'
            WHEN s.outcome = 'received' THEN 'not_mentioned' ELSE s.outcome END AS status,
       e.surface, e.sentence, e.section, e.title, e.source_uri, e.published_on, e.sha256,
       e."start", e."end", e.source_start, e.source_end, e.rule, e.confidence, e.rivals, e.machine_value,
       c.action AS correction, c.outcome AS correction_outcome, c.detail AS correction_detail,
       c.reason AS correction_reason, c.author AS correction_author, c.decided_on AS corrected_on,
       (SELECT coalesce(list(f.severity || ': ' || f.message ORDER BY f.severity, f."check", f.message), [])
        FROM findings f
        WHERE f.township_code = s.township_code AND f.report_year = s.report_year AND f.indicator = i.indicator)
         AS findings
FROM (
  SELECT township_code, township, county, report_year, outcome FROM report_status
  UNION ALL  -- a correction whose report nobody expects is shown, too
  SELECT DISTINCT t.township_code, t.township, t.county, n.report_year, 'not_published'
  FROM corrections n
  JOIN townships t ON t.township_code = n.township_code
  WHERE NOT EXISTS (FROM expected e WHERE e.township_code = n.township_code AND e.report_year = n.report_year)
) s
CROSS JOIN indicators i
LEFT JOIN evidence e
  ON e.township_code = s.township_code AND e.indicator = i.indicator AND e.report_year = s.report_year
 AND e.report_year = a_year AND (e.township_code = a_township OR e.township = a_township)
 AND (e.indicator = an_indicator OR e.name_zh = an_indicator)
LEFT JOIN (  -- a correction belongs to its own cell and, once applied, to the cell into which it moved a figure
  SELECT n.*, x.outcome, x.detail, u.cell
  FROM corrections n
  LEFT JOIN correction_outcomes x
    ON x.township_code = n.township_code AND x.indicator = n.indicator AND x.report_year = n.report_year
  JOIN (SELECT unnest([0, 1]) AS moved) w ON w.moved = 0 OR (n.action = 'remap' AND x.outcome = 'applied')
  CROSS JOIN LATERAL (SELECT CASE WHEN w.moved = 1 THEN n.remap_to ELSE n.indicator END AS cell) u
  QUALIFY row_number() OVER (PARTITION BY n.township_code, n.report_year, u.cell ORDER BY w.moved DESC, n.indicator) = 1
) c
  ON c.township_code = s.township_code AND c.cell = i.indicator AND c.report_year = s.report_year
WHERE s.report_year = a_year AND (s.township_code = a_township OR s.township = a_township)
  AND (i.indicator = an_indicator OR i.name_zh = an_indicator)
ORDER BY s.township_code, i.indicator;
