-- One row for each result. sink.properties fills the first four columns.
CREATE TABLE sluice_results (
  kafka_topic text NOT NULL,
  kafka_partition integer NOT NULL,
  kafka_offset bigint NOT NULL,
  result jsonb NOT NULL,
  provider text GENERATED ALWAYS AS (result ->> 'provider') STORED,
  -- NULL above 1000 bytes: the index refuses texts above 2.7 kB, and an event can have such an id.
  dossier_id text GENERATED ALWAYS AS (
    CASE WHEN octet_length(result ->> 'dossierId') <= 1000 THEN result ->> 'dossierId' END) STORED,
  process_id text GENERATED ALWAYS AS (
    CASE WHEN octet_length(result ->> 'processId') <= 1000 THEN result ->> 'processId' END) STORED,
  status text GENERATED ALWAYS AS (result ->> 'status') STORED,
  PRIMARY KEY (kafka_topic, kafka_partition, kafka_offset)
);
CREATE INDEX ON sluice_results (process_id);
CREATE INDEX ON sluice_results (dossier_id);

-- The latest result of each process: all results of a process are on one partition, in order.
CREATE VIEW sluice_processes AS
  SELECT DISTINCT ON (process_id) process_id, dossier_id, provider, status,
    (result ->> 'fetchedAt')::timestamptz AS fetched_at, result
  FROM sluice_results
  WHERE process_id IS NOT NULL AND NOT result ? 'event'
  ORDER BY process_id, kafka_offset DESC;
