"""What came out: views, the report for people, the export."""
