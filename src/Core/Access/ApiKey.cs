using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace Raywright.Core.Access;

/// <summary>
/// A key: <c>rwk_</c>, 8 characters that name it, <c>_</c>, 43 characters (256 bits) that prove it, and 8 of a checksum, so that a
/// typing error is told from a wrong key and scanners recognise a leaked one. Only a digest of it is stored.
/// </summary>
/// <param name="Id">The public part.</param>
/// <param name="Text">The whole key.</param>
public sealed record ApiKey(string Id, string Text)
{
    public const string Prefix = "rwk_";
    private const int IdLength = 8;
    private const int SecretLength = 43;
    private const int ChecksumLength = 8;
    private const int Length = 4 + IdLength + 1 + SecretLength + ChecksumLength;

    public static ApiKey Create()
    {
        string id = RandomNumberGenerator.GetString("abcdefghijkmnpqrstuvwxyz23456789", IdLength);
        string secret = RandomNumberGenerator.GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", SecretLength);
        string body = $"{Prefix}{id}_{secret}";
        return new(id, body + Checksum(body));
    }

    /// <summary>Reads a key; false where it cannot be one, checksum included.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out ApiKey? key)
    {
        bool fits = text.Length == Length && text.StartsWith(Prefix, StringComparison.Ordinal) && text[4 + IdLength] == '_'
            && text.EndsWith(Checksum(text[..^ChecksumLength]), StringComparison.Ordinal);
        key = fits ? new(text.Substring(4, IdLength), text) : null;
        return fits;
    }

    /// <summary>What is stored: SHA-256, lower-case hex. A key has 256 random bits, so nothing slower is needed.</summary>
    public string Digest => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Text)));

    private static string Checksum(string body)
    {
        uint sum = 0;
        foreach (char character in body)
            sum = BitOperations.Crc32C(sum, (byte)character);
        return sum.ToString("x8", CultureInfo.InvariantCulture);
    }

    public override string ToString() => $"{Prefix}{Id}_…";
}
