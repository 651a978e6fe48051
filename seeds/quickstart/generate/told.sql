SELECT count(*) FROM happening WHERE kind IN ('view', 'form')
