namespace Raywright.Core.Scanning.Pickles;

/// <summary>
/// One line of a list: <c>module: names</c>. A module that ends with <c>.*</c> includes everything below it. A name is
/// exact, begins or ends with <c>*</c> for any text there, is <c>@</c> for every class, or <c>*</c> for everything.
/// </summary>
internal sealed class GlobalRule
{
    private readonly string module;
    private readonly bool below;
    private readonly string[] patterns;

    private GlobalRule(string module, string[] patterns, GlobalJudgement judgement)
    {
        below = module.EndsWith(".*", StringComparison.Ordinal);
        this.module = below ? module[..^2] : module;
        this.patterns = patterns;
        Judgement = judgement;
        int dot = module.IndexOf('.', StringComparison.Ordinal);
        Root = dot < 0 ? module : module[..dot];
    }

    public string Root { get; }

    public GlobalJudgement Judgement { get; }

    public static IEnumerable<GlobalRule> Parse(string list, GlobalJudgement judgement)
    {
        foreach (string line in list.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            string[] names = line[(colon + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            foreach (string one in line[..colon].Split(' ', StringSplitOptions.RemoveEmptyEntries))
                yield return new(one, names, judgement);
        }
    }

    /// <summary>Whether the rule is about this name.</summary>
    public bool Matches(string of, string name) =>
        Covers(of) && !(Judgement == GlobalJudgement.Reference && name.Contains('.', StringComparison.Ordinal)) && Array.Exists(patterns, pattern => Fits(pattern, name));

    /// <summary>Whether the rule says this very name, without a pattern.</summary>
    public bool Names(string of, string name) => Covers(of) && patterns.Contains(name, StringComparer.Ordinal);

    private bool Covers(string of) =>
        of.StartsWith(module, StringComparison.Ordinal) && (of.Length == module.Length || (below && of[module.Length] == '.'));

    private static bool Fits(string pattern, string name) => pattern switch
    {
        "*" => true,
        "@" => GlobalRules.IsClass(name),
        ['*', .. string rest] => name.EndsWith(rest, StringComparison.Ordinal),
        [.. string rest, '*'] => name.StartsWith(rest, StringComparison.Ordinal) && !name.Contains('.', StringComparison.Ordinal),
        _ => pattern == name,
    };
}
