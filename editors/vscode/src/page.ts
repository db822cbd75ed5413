/** The page around the drawing: its own script and style, and nothing from elsewhere. */
export function page(script: string, style: string, source: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src ${source}; style-src ${source} 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${style}">
<title>Network</title>
</head>
<body><script src="${script}"></script></body>
</html>`;
}
