namespace Mtlc.LanguageServer.Documents;

/// <summary>Between the protocol's addresses and paths. An address that is no file's ("untitled:1") stays as it is and has no
/// folder.</summary>
public static class Paths
{
    public static string OfUri(string uri)
    {
        if (!Uri.TryCreate(uri, UriKind.Absolute, out var parsed) || !parsed.IsFile)
            return uri;
        var path = Uri.UnescapeDataString(parsed.AbsolutePath);
        // file:///C:/a is C:/a
        return path.Length > 2 && path[0] == '/' && path[2] == ':' ? path[1..] : path;
    }

    public static string ToUri(string path)
    {
        var slashes = path.Replace('\\', '/');
        if (!slashes.StartsWith('/') && !(slashes.Length > 1 && slashes[1] == ':'))
            return path;
        return "file://"
            + (slashes[0] == '/' ? "" : "/")
            + string.Join(
                '/',
                slashes.Split('/').Select((part, i) => i == 0 && part.EndsWith(':') ? part : Uri.EscapeDataString(part))
            );
    }
}
