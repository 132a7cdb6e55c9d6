using System.Text.Json;
using Raywright.Core.Errors;
using Raywright.Core.Scanning.Pickles;

namespace Raywright.Core.Scanning.Formats;

/// <summary>
/// JSON that describes a model: Keras configurations (<c>class_name</c>, <c>module</c>) and skops schemas
/// (<c>__class__</c>, <c>__module__</c>), whose names a loader imports.
/// </summary>
internal static class ModelJson
{
    private const int Deepest = 512;

    private sealed class Scope
    {
        public string? Class { get; set; }

        public string? Module { get; set; }

        public string? Skops { get; set; }

        public string? SkopsModule { get; set; }

        public string? Config { get; set; }
    }

    /// <summary>Judges the names in a document; false where it is too large to be read whole.</summary>
    public static bool Scan(Content content, ScanNotes notes)
    {
        if (content.All(content.Budget.Limits.LargestDocument) is not { } json)
            return false;
        ReadOnlySpan<byte> text = json.AsSpan().StartsWith("\uFEFF"u8) ? json.AsSpan(3) : json;
        Stack<Scope> scopes = new();
        string? key = null;
        try
        {
            Utf8JsonReader reader = new(text, new JsonReaderOptions { MaxDepth = Deepest, CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            while (reader.Read())
            {
                switch (reader.TokenType)
                {
                    case JsonTokenType.StartObject:
                        scopes.Push(new());
                        break;
                    case JsonTokenType.EndObject:
                        Judge(content, notes, scopes.Pop());
                        break;
                    case JsonTokenType.PropertyName:
                        key = reader.GetString();
                        break;
                    case JsonTokenType.String when scopes.TryPeek(out Scope? scope):
                        Set(scope, key, reader.GetString()!);
                        break;
                    default:
                        break;
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Whatever reads it as JSON fails as well; what came before still counts.
            while (scopes.TryPop(out Scope? scope))
                Judge(content, notes, scope);
        }
        return true;
    }

    private static void Set(Scope scope, string? key, string value)
    {
        switch (key)
        {
            case "class_name": scope.Class = Worse(scope.Class, value); break;
            case "module": scope.Module = value; break;
            case "config": scope.Config = value; break;
            case "__class__": scope.Skops = value; break;
            case "__module__": scope.SkopsModule = value; break;
            default: break;
        }
    }

    // A key may stand twice, and readers disagree about which one counts.
    private static string Worse(string? first, string second) => first is "Lambda" or "__lambda__" ? first : second;

    private static void Judge(Content content, ScanNotes notes, Scope scope)
    {
        if (scope.Class is "Lambda" or "__lambda__")
            notes.Add(content, ScanVerdict.Malicious, Catalogue.ScanModelCode, "it has a Lambda layer, which is stored program code");
        if (scope is { Class: { } name, Module: { } module })
            Named(content, notes, new(module, name == "function" && scope.Config is { } function ? function : name), keras: true);
        if (scope is { Skops: { } type, SkopsModule: { } origin })
            Named(content, notes, new(origin, type), keras: false);
    }

    private static void Named(Content content, ScanNotes notes, GlobalName name, bool keras)
    {
        GlobalJudgement judgement = keras && name.Root is "keras" or "tf_keras" or "tensorflow" or "keras_hub" or "keras_nlp" && GlobalRules.IsClass(name.ModernName)
            ? GlobalJudgement.Allowed
            : GlobalRules.Judge(name);
        // Keras writes a function of the user's own as one of builtins.
        if (keras && name.Module == "builtins" && !GlobalRules.IsDangerousName(name.Name))
            judgement = GlobalJudgement.Unknown;
        if (judgement is GlobalJudgement.Allowed or GlobalJudgement.Reference)
            return;
        notes.Global(name.Full);
        string shown = ScanNotes.Shown(name.Full);
        if (judgement == GlobalJudgement.Dangerous)
            notes.Add(content, ScanVerdict.Malicious, Catalogue.ScanModelCode, $"its configuration names {shown}");
        else
            notes.UnknownGlobal(content, name.Full, "its configuration imports");
    }
}
