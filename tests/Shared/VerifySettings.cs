namespace VerifyTests;

/// <summary>Where a snapshot lies and what it is called.</summary>
public sealed class VerifySettings
{
    internal string? Directory { get; private set; }

    internal string? FileName { get; private set; }

    internal string? Parameters { get; private set; }

    /// <summary>The snapshot's folder, relative to the test's source file.</summary>
    public void UseDirectory(string directory) => Directory = directory;

    /// <summary>The snapshot's name instead of CLASS.METHOD.</summary>
    public void UseFileName(string fileName) => FileName = fileName;

    /// <summary>Appended to the name after `_`: what tells the cases of a theory apart.</summary>
    public void UseTextForParameters(string text) => Parameters = text;
}
