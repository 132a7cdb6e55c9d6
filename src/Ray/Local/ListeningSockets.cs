using System.Globalization;
using System.Net;

namespace Raywright.Ray.Local;

/// <param name="Address">Where others reach it.</param>
/// <param name="Inode">What processes that hold it call it.</param>
internal readonly record struct ListeningSocket(IPAddress Address, int Port, string Inode)
{
    public bool IsLoopback => IPAddress.IsLoopback(Address.IsIPv4MappedToIPv6 ? Address.MapToIPv4() : Address);

    public override string ToString() => new IPEndPoint(Address, Port).ToString();
}

/// <summary>Which TCP ports are listened at, and by whom.</summary>
internal static class ListeningSockets
{
    private const string Listens = "0A";

    public static List<ListeningSocket> All()
    {
        List<ListeningSocket> all = [];
        foreach (string table in new[] { "/proc/net/tcp", "/proc/net/tcp6" })
        {
            // A kernel without IPv6 has no such table.
            if (File.Exists(table))
                all.AddRange(Parse(File.ReadLines(table)));
        }
        return all;
    }

    public static IEnumerable<ListeningSocket> Parse(IEnumerable<string> table)
    {
        foreach (string line in table.Skip(1))
        {
            string[] parts = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (parts.Length > 9 && parts[3] == Listens && parts[1].Split(':') is [string address, string port])
                yield return new ListeningSocket(Address(address), int.Parse(port, NumberStyles.HexNumber, CultureInfo.InvariantCulture), parts[9]);
        }
    }

    /// <summary>Those that one of the processes holds.</summary>
    public static List<ListeningSocket> HeldBy(IEnumerable<ListeningSocket> sockets, IEnumerable<ProcessRow> processes)
    {
        HashSet<string> held = [.. processes.SelectMany(process => ProcessTable.OpenFiles(process.Id)).Select(file => Path.GetFileName(file))];
        return [.. sockets.Where(socket => held.Contains($"socket:[{socket.Inode}]"))];
    }

    /// <summary>Each group of four bytes is a number as this machine writes it.</summary>
    private static IPAddress Address(string digits)
    {
        byte[] bytes = Convert.FromHexString(digits);
        if (BitConverter.IsLittleEndian)
        {
            for (int at = 0; at < bytes.Length; at += 4)
                bytes.AsSpan(at, 4).Reverse();
        }
        return new IPAddress(bytes);
    }
}
