namespace Raywright.Core.Scanning.Pickles;

/// <summary>A name as a pickle gives it: a module and what to take from it, which may have dots.</summary>
internal readonly record struct GlobalName(string Module, string Name)
{
    // Python 3 renames these while it loads pickles of Python 2 (_compat_pickle).
    private static readonly Dictionary<string, string> Renamed = new(StringComparer.Ordinal)
    {
        ["__builtin__"] = "builtins",
        ["copy_reg"] = "copyreg",
        ["cPickle"] = "pickle",
        ["exceptions"] = "builtins",
        ["UserDict"] = "collections",
        ["UserList"] = "collections",
        ["UserString"] = "collections",
        ["StringIO"] = "io",
        ["cStringIO"] = "io",
        ["whichdb"] = "dbm",
        ["anydbm"] = "dbm",
        ["commands"] = "subprocess",
        ["urllib2"] = "urllib.request",
        ["httplib"] = "http.client",
        ["Queue"] = "queue",
        ["SocketServer"] = "socketserver",
        ["itertools"] = "itertools",
    };

    /// <summary>As the pickle says it.</summary>
    public string Full => $"{Module}.{Name}";

    /// <summary>The module by the name that Python 3 has for it.</summary>
    public string ModernModule => Renamed.GetValueOrDefault(Module, Module);

    /// <summary>Module and name by the names that Python 3 has for them.</summary>
    public string Modern => $"{ModernModule}.{ModernName}";

    public string ModernName => (Module, Name) switch
    {
        ("__builtin__", "unicode") => "str",
        ("__builtin__", "long") => "int",
        ("__builtin__", "xrange") => "range",
        ("__builtin__", "unichr") => "chr",
        ("itertools", "izip") => "zip",
        _ => Name,
    };

    /// <summary>The first part of the module: the package that is imported.</summary>
    public string Root
    {
        get
        {
            string module = ModernModule;
            int dot = module.IndexOf('.', StringComparison.Ordinal);
            return dot < 0 ? module : module[..dot];
        }
    }

    /// <summary>Whether both parts could be names of Python at all; text that merely looks like a pickle has none.</summary>
    public bool IsPython => IsDotted(Module) && IsDotted(Name);

    private static bool IsDotted(string text) =>
        text.Length > 0 && text.Split('.').All(part => part.Length > 0 && !char.IsAsciiDigit(part[0]) && part.All(character => character == '_' || char.IsLetterOrDigit(character)));
}
