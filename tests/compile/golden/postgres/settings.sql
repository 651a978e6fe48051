SET TIME ZONE 'UTC';
SET datestyle = 'ISO';
SET standard_conforming_strings = on;
