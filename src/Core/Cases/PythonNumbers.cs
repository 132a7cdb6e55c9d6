using System.Text;

namespace Raywright.Core.Cases;

/// <summary>Python's <c>json</c> writes NaN as a bare word, which is not JSON. In a case it means the same as <c>null</c>.</summary>
internal static class PythonNumbers
{
    public static string ToNull(string line)
    {
        if (!line.Contains("NaN", StringComparison.Ordinal))
            return line;
        StringBuilder strict = new(line.Length + 16);
        bool text = false;
        for (int at = 0; at < line.Length; at++)
        {
            if (line[at] == '"')
                text = !text;
            if (text && line[at] == '\\' && at + 1 < line.Length)
                strict.Append(line[at++]);
            if (!text && string.CompareOrdinal(line, at, "NaN", 0, 3) == 0)
            {
                strict.Append("null");
                at += 2;
            }
            else
            {
                strict.Append(line[at]);
            }
        }
        return strict.ToString();
    }
}
