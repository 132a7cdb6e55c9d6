using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using Raywright.Cli.CommandLine;
using Raywright.Core.Api;
using Raywright.Core.Errors;
using Raywright.Core.Scanning;

namespace Raywright.Cli.Models;

/// <summary>
/// Whether files may import code that is on no list of known libraries: vouched for by <c>--trust</c>, or asked once at a terminal,
/// and remembered by digest in the home folder.
/// </summary>
/// <param name="vouched">Whether <c>--trust</c> was given.</param>
internal sealed class FileTrust(Session session, bool vouched)
{
    /// <summary>Null where the file may be loaded.</summary>
    public Problem? Check(string folder, ScannedFile file)
    {
        using FileStream content = File.OpenRead(Path.Combine(folder, file.Path));
        return Check(file, Convert.ToHexStringLower(SHA256.HashData(content)));
    }

    /// <summary>Digests of the model's files that somebody here vouches for, or why a server would refuse them.</summary>
    /// <param name="model">What is to be deployed.</param>
    /// <param name="own">Whether the server is on this machine; another one takes nobody's word, and decides itself.</param>
    public Result<ImmutableArray<string>> Of(LocalModel model, bool own)
    {
        if ((model.Artifact.Python is null && model.Config.Tests.Parity is null) || !(own || vouched))
            return ImmutableArray<string>.Empty;
        List<string> digests = [];
        foreach (ScannedFile file in ArtifactScanner.Scan(model.Folder.Folder, model.Files.Select(file => file.Path)).Unvouched)
        {
            FileReference sent = model.Files.First(sent => sent.Path == file.Path);
            if (Check(file, sent.Sha256) is { } problem)
                return problem;
            digests.Add(sent.Sha256);
        }
        return digests.ToImmutableArray();
    }

    private Problem? Check(ScannedFile file, string digest)
    {
        if (session.Home.IsTrusted(digest))
            return null;
        Problem refusal = file.NotVouchedFor();
        string question = string.Create(CultureInfo.InvariantCulture, $"{refusal.Detail} Loading it runs that code. Do you vouch for this file (SHA-256 {digest[..12]}…)?");
        return vouched || (session.Terminal.CanAsk && session.Terminal.Confirm(question)) ? session.Home.Trust(digest, file.Path) : refusal;
    }
}
