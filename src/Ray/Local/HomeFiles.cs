namespace Raywright.Ray.Local;

/// <summary>What local Ray keeps in the home: it is all in <c>ray/</c>, which is its owner's alone.</summary>
internal sealed record HomeFiles(string Home)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    public string Folder => Path.Combine(Home, "ray");

    public string Record => Path.Combine(Folder, "head.json");

    public string Lock => Path.Combine(Folder, "head.lock");

    public string Log => Path.Combine(Folder, "head.log");

    public string Token => Path.Combine(Folder, "head.token");

    public static void MakeFolder(string home) => MakePrivate(new HomeFiles(Path.GetFullPath(home)).Folder);

    public static void MakePrivate(string folder)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder);
        else
            Directory.CreateDirectory(folder, OwnerOnly);
    }

    /// <summary>Whole or not at all, and nobody else reads it: a reader never sees a half of it, a full disk leaves the old one.</summary>
    public static void WritePrivate(string file, string text)
    {
        string next = file + ".next";
        File.Delete(next);
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (StreamWriter writer = new(next, options))
            writer.Write(text);
        File.Move(next, file, overwrite: true);
    }
}
