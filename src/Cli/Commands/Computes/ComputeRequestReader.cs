using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Raywright.Cli.CommandLine;
using Raywright.Core.Api;
using Raywright.Core.Errors;

namespace Raywright.Cli.Commands;

/// <summary>Makes a request of the options of <c>compute add</c> and of the files that they name. What is wrong is said all at once.</summary>
internal sealed class ComputeRequestReader(Session session)
{
    private const string TokenMarks = "!#$%&'*+-.^_`|~";

    private readonly ImmutableArray<Problem>.Builder problems = ImmutableArray.CreateBuilder<Problem>();

    /// <param name="options">As they were typed.</param>
    /// <param name="sameMachine">Whether the server sees the folders of this machine.</param>
    public Result<ComputeRequest> Read(ComputeAdd.Options options, bool sameMachine)
    {
        CheckCombination(options);
        ComputeRequest request = new(
            options.Name,
            Address(options.Dashboard, "--dashboard", "http://ray-head:8265"),
            Address(options.Serve, "--serve", "http://ray-head:8000"),
            options.TokenFile is { } token ? Token(token) : null,
            Headers(options),
            options.AuthorityFile is { } authority ? Authority(authority) : null,
            options.Local,
            options.Python is { } folder && sameMachine ? session.Host.FullPath(folder) : options.Python,
            options.Install,
            options.Declare,
            options.ShareList);
        return problems.Count > 0 ? problems.ToImmutable() : request;
    }

    private void CheckCombination(ComputeAdd.Options options)
    {
        (string Name, bool Given)[] remote =
        [
            ("--dashboard", options.Dashboard is not null), ("--serve", options.Serve is not null), ("--token-file", options.TokenFile is not null),
            ("--ca", options.AuthorityFile is not null), ("--header", !options.Headers.IsEmpty),
        ];
        (string Name, bool Given)[] local = [("--python", options.Python is not null), ("--install", options.Install)];
        if (options.Local && Named(remote) is { Length: > 0 } needless)
            Refuse($"Only for a cluster that runs already: {needless}. `--local` is one that the server starts.", "Leave out the one or the other.");
        if (!options.Local && options.Dashboard is null)
            Refuse("Which cluster?", "Add `--dashboard URL` for one that runs already, or `--local` for one that the server starts itself.");
        if (!options.Local && Named(local) is { Length: > 0 } lacking)
            Refuse($"Only for a cluster that the server starts itself: {lacking}.", "Add `--local`, or leave it out.");
    }

    private static string Named((string Name, bool Given)[] options) =>
        string.Join(", ", options.Where(option => option.Given).Select(option => $"`{option.Name}`"));

    private string? Address(string? text, string option, string example)
    {
        if (text is null)
            return null;
        if (!text.Contains("://", StringComparison.Ordinal))
            return Refuse($"`{text}` has no scheme, as `{option}` needs.", $"Write http://{text}, or https://{text} where it speaks TLS.");
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? url) || url.Scheme is not ("http" or "https") || url.Host.Length == 0)
            return Refuse($"`{text}` is no address, as `{option}` takes.", $"Write it like {example}.");
        string address = url.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped);
        // The words are not repeated: they may be a password.
        if (url.UserInfo.Length > 0)
            return Refuse($"The address of `{option}` has a user or a password in it.", $"Write {address}; a token goes into `--token-file`, anything else into `--header`.");
        if (url.PathAndQuery != "/" || url.Fragment.Length > 0)
            return Refuse($"`{text}` has a path; `{option}` takes scheme, host and port.", $"Write {address}. Ray answers at the root of its ports, so a proxy in front has to pass the whole host.");
        return address;
    }

    private string? Token(string file)
    {
        if ((file == "-" ? session.Terminal.ReadInput() : Text(file)) is not { } text)
            return null;
        string token = text.TrimEnd('\r', '\n');
        string source = file == "-" ? "Standard input" : $"`{file}`";
        if (string.IsNullOrWhiteSpace(token))
            return Refuse($"{source} is empty, where `--token-file` takes a token from it.", "Write the token into it and nothing else.");
        return token.All(character => character is > ' ' and <= '~')
            ? token
            : Refuse($"{source} has more than a token in it: several lines, blanks or characters that no header may have.", "Write the token into it and nothing else.");
    }

    /// <summary>Only certificates are sent: people keep a private key in the same file.</summary>
    private string? Authority(string file)
    {
        if (Text(file) is not { } text)
            return null;
        X509Certificate2Collection found = [];
        try
        {
            found.ImportFromPem(text);
            if (found.Count > 0)
                return found.ExportCertificatePems();
        }
        catch (CryptographicException)
        {
            // Said below: it has no certificate that could be read.
        }
        finally
        {
            foreach (X509Certificate2 certificate in found)
                certificate.Dispose();
        }
        return Refuse($"`{file}` has no certificate in PEM that can be read.", "It holds lines from -----BEGIN CERTIFICATE----- on; `openssl x509 -inform der -in FILE -out ca.pem` makes it of a DER file.");
    }

    private ImmutableSortedDictionary<string, string>? Headers(ComputeAdd.Options options)
    {
        ImmutableSortedDictionary<string, string>.Builder headers = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (string header in options.Headers)
        {
            int colon = header.IndexOf(':', StringComparison.Ordinal);
            string name = header[..Math.Max(0, colon)].Trim(), value = header[(colon + 1)..].Trim();
            // A value may be a secret, so only the name is repeated.
            if (colon < 0 || name.Length == 0 || value.Length == 0 || !name.All(IsOfName) || value.Any(character => character is < ' ' or > '~'))
                Refuse($"`{(name.Length == 0 ? header : name)}` is no header, as `--header` takes.", "Write it like --header 'X-Client-Id: 1234'.");
            else if (!headers.TryAdd(name, value))
                Refuse($"The header {name} is given twice.", "A header has one value.");
        }
        if (options.TokenFile is not null && headers.ContainsKey("Authorization"))
            Refuse("`--token-file` and the header Authorization are the same thing.", "Leave one of them out.");
        return headers.Count > 0 ? headers.ToImmutable() : null;
    }

    private static bool IsOfName(char character) => char.IsAsciiLetterOrDigit(character) || TokenMarks.Contains(character, StringComparison.Ordinal);

    private string? Text(string file)
    {
        string path = session.Host.FullPath(file);
        if (File.Exists(path))
            return File.ReadAllText(path);
        problems.Add(new Problem(Catalogue.FileUnreadable, $"There is no file {file}."));
        return null;
    }

    /// <summary>Always null, in place of the value that is wrong.</summary>
    private string? Refuse(string detail, string fix)
    {
        problems.Add(new Problem(Catalogue.CommandLineWrong, detail, Fix: fix));
        return null;
    }
}
