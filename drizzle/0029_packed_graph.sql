ALTER TABLE "cadence_versions" ALTER COLUMN "graph" SET DATA TYPE bytea USING convert_to("graph"::text, 'UTF8');
